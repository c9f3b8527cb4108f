/** What the https room tells the audit log, and what it answers with. */

export const HTTPS_EVENTS = {
  inClear: {
    name: 'malicious_extraneous',
    level: 'warn',
    meaning: 'A form or credentials came over plain http.',
    details: { method: 'text', upgrade: 'flag' },
  },
} as const;

export const HTTPS_PROBLEMS = {
  httpsRequired: { type: 'https-required', title: 'A secure connection is needed', status: 403 },
} as const;
