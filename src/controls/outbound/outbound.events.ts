/** What the outbound room tells the audit log. */

export const OUTBOUND_EVENTS = {
  refused: {
    name: 'outbound_refused',
    level: 'warn',
    meaning:
      'An address that somebody gave was not asked, since it leads where only this machine or its network may go, or is none that the policy allows. One by one these are mistakes; many of one account are a search for a way in (CWE-918).',
    details: { host: 'text', reason: 'text', redirect: 'flag', requestId: 'text?' },
  },
} as const;
