/** What the headers room tells the audit log. */
export const HEADERS_EVENTS = {
  cacheable: {
    name: 'sys_misconfigured',
    level: 'critical',
    meaning: 'A page for one person has a head that lets caches keep it: the session was looked at too late.',
    details: { reason: 'text', fix: 'text' },
  },
  raised: {
    name: 'sys_header_raised',
    level: 'warn',
    meaning:
      'A handler set a header weaker than the policy has it; the one of the policy was sent. Told once for each header and route.',
    details: { header: 'text', fix: 'text' },
  },
} as const;
