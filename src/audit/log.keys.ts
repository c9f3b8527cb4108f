/**
 * The sub-keys of the log: the seed of the pair that signs its heads; what wraps the key of each person; and what makes the
 * name of an account, by which that key is found.
 */
export const LOG_KEYS = {
  heads: { signs: 'audit-heads' },
  persons: { seals: 'audit-persons' },
  personNames: { signs: 'audit-person-names' },
} as const;
