/** What the validation room tells the audit log, and what it answers with. */

export const VALIDATION_EVENTS = {
  ambiguous: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning:
      'A body was refused that readers of JSON take otherwise than each other, or that is none: `fault` says why, `at` where. One by one these are bugs of clients; a name twice, or `__proto__`, is what attacks are made of.',
    details: { fault: 'text', at: 'text?' },
  },
} as const;

export const VALIDATION_PROBLEMS = {
  invalidJson: { type: 'invalid-json', title: 'The content could not be understood', status: 400 },
} as const;
