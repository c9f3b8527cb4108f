/** What the cors room tells the audit log, and what it answers with. */

export const CORS_EVENTS = {
  refused: {
    name: 'malicious_cors',
    level: 'warn',
    meaning: 'A page of an origin that the policy does not name asked whether it may send a request here.',
    details: { reason: 'text', origin: 'text?', method: 'text?' },
  },
  narrowed: {
    name: 'sys_header_raised',
    level: 'warn',
    meaning:
      'The application let an origin read its answer that the policy does not name; its header was not sent. Told once for each route.',
    details: { header: 'text', origin: 'text', fix: 'text' },
  },
} as const;

export const CORS_PROBLEMS = {
  originNotAllowed: {
    type: 'origin-not-allowed',
    title: 'Pages of this origin may not ask here',
    status: 403,
  },
} as const;
