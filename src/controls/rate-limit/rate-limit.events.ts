/** What the rate-limit room tells the audit log. */
export const RATE_LIMIT_EVENTS = {
  exceeded: {
    name: 'excess_rate_limit_exceeded',
    level: 'warn',
    meaning: 'A client or an account is over the limit of the application or of a route.',
    details: { limit: 'text', by: 'text', account: 'person?', retryAfter: 'number' },
  },
  accountUnread: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning: 'A form that is counted by account names none, or not exactly once.',
    details: { reason: 'text', limit: 'any?' },
  },
} as const;
