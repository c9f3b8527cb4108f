/** The sub-key of the log: the seed of the pair that signs its heads. */
export const LOG_KEYS = { heads: { signs: 'audit-heads' } } as const;
