/** What the cookies room tells the audit log. */
export const COOKIES_EVENTS = {
  dropped: {
    name: 'sys_misconfigured',
    level: 'critical',
    meaning: 'A cookie that the application set was dropped: `dropped` says which, or where it stood.',
    details: { guard: 'text', reason: 'text', dropped: 'any' },
  },
  second: {
    name: 'sys_header_raised',
    level: 'warn',
    meaning:
      'A middleware in the application keeps a session of its own beside those of the layer: what ends one leaves the other, and what one knows the other does not. Told once for each route.',
    details: { header: 'text', fix: 'text' },
  },
} as const;
