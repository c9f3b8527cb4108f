/** The sub-keys of accounts. */
export const ACCOUNTS_KEYS = {
  counted: { signs: 'account-limit-key' },
  pause: { signs: 'form-pause' },
} as const;
