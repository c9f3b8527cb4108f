/** What the validation room tells the audit log, and what it answers with. */

export const VALIDATION_EVENTS = {
  ambiguous: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning:
      'A body was refused that readers of JSON take otherwise than each other, or that is none: `fault` says why, `at` where. One by one these are bugs of clients; a name twice, or `__proto__`, is what attacks are made of.',
    details: { fault: 'text', at: 'text?' },
  },
  invalid: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning:
      'A request does not fit the schema of its route: `at` says where, and never what was sent. People mistype; a field that no form has is somebody who tries what else is taken.',
    details: { at: 'texts' },
  },
} as const;

export const VALIDATION_PROBLEMS = {
  invalidInput: { type: 'invalid-input', title: 'Some of this is not valid', status: 422 },
  invalidJson: { type: 'invalid-json', title: 'The content could not be understood', status: 400 },
} as const;
