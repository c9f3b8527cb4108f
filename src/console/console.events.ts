/** What operators do by their pages is told as what anybody else does. */
export const CONSOLE_EVENTS = {
  looked: {
    name: 'sensitive_read',
    level: 'info',
    meaning:
      'An operator looked at events or accounts by the console: `what` says where (overview, alerts, events, story, live, export, accounts, account, act, resets, reset), `account` whom they asked for, `about` what else, `typed` what may name a person and is left out where the log seals what is about them.',
    details: { what: 'text', account: 'person?', about: 'text?', typed: 'anyone?' },
  },
  behind: {
    name: 'console_events_dropped',
    level: 'warn',
    meaning:
      'Events came faster than the index of the console took them, or its database takes none; `dropped` are not found there. The log has all of them: bulwark audit index.',
    details: { dropped: 'number', error: 'text?' },
    bounded: true,
  },
} as const;
