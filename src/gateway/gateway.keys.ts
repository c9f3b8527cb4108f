/** What is derived from the secret in a visitor's handle, and from nothing of the policy's: only who has the handle has these. */
export const GATEWAY_KEYS = {
  vaultName: { signs: 'vault-name' },
  vault: { seals: 'vault-seal' },
} as const;
