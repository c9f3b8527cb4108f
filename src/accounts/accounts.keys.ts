/** The sub-keys of accounts. */
export const ACCOUNTS_KEYS = {
  counted: { signs: 'account-limit-key' },
  answer: { seals: 'answered-post-seal' },
  mail: { seals: 'mail-outbox-seal' },
  stay: { signs: 'stay-successor' },
  pause: { signs: 'form-pause' },
} as const;
