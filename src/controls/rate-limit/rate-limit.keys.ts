/** The sub-keys of the rate-limit room. */
export const RATE_LIMIT_KEYS = { account: { signs: 'rate-limit-key' } } as const;
