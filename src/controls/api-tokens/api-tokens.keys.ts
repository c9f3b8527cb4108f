/** The sub-keys of the api-tokens room. */
export const API_TOKEN_KEYS = {
  nonce: { signs: 'dpop-nonce' },
} as const;
