/** What the cookies room tells the audit log. */
export const COOKIES_EVENTS = {
  dropped: {
    name: 'sys_misconfigured',
    level: 'critical',
    meaning: 'A cookie that the application set was dropped: `dropped` says which, or where it stood.',
    details: { guard: 'text', reason: 'text', dropped: 'any' },
  },
} as const;
