/** What the csrf room tells the audit log, and what it answers with. */

export const CSRF_EVENTS = {
  forged: {
    name: 'malicious_cors',
    level: 'warn',
    meaning: 'A request that changes something came from another site, or without proof that it did not.',
    details: { reason: 'text', origin: 'text?', site: 'text?' },
  },
} as const;

export const CSRF_PROBLEMS = {
  crossSiteRequest: {
    type: 'cross-site-request',
    title: 'The request came from another site',
    status: 403,
  },
} as const;
