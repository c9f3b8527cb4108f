/** What the headers room tells the audit log. */
export const HEADERS_EVENTS = {
  cacheable: {
    name: 'sys_misconfigured',
    level: 'critical',
    meaning: 'A page for one person has a head that lets caches keep it: the session was looked at too late.',
    details: { reason: 'text', fix: 'text' },
  },
} as const;
