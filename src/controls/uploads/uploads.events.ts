/** What the uploads room tells the audit log, and what it answers with. */

export const UPLOADS_EVENTS = {
  form: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning:
      'A multipart form was refused that readers take otherwise than each other, or that is none: `fault` says why. One by one these are old clients; a name twice, or a boundary that is half of one, is what attacks are made of.',
    details: { fault: 'text' },
  },
  file: {
    name: 'upload_validation',
    level: 'warn',
    meaning:
      'A file was refused that its route does not take: `fault` says why. `content` and `declared` are files that say to be something else.',
    details: { fault: 'text' },
  },
} as const;

export const UPLOADS_PROBLEMS = {
  fileRefused: { type: 'file-refused', title: 'A file of this kind is not taken here', status: 415 },
  invalidForm: { type: 'invalid-form', title: 'The form could not be read', status: 400 },
} as const;
