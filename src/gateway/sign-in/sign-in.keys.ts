/** The sub-keys of sign-in protection. */
export const SIGN_IN_KEYS = { knownBrowser: { signs: 'gateway-known-browser' } } as const;
