/** The sub-keys of second factors. */
export const MFA_KEYS = {
  totp: { seals: 'mfa-totp-seal' },
  attempts: { signs: 'mfa-attempts' },
  passkeyChallenge: { signs: 'passkey-challenge' },
} as const;
