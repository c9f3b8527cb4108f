/** The sub-keys of passwords. */
export const PASSWORDS_KEYS = { pepper: { signs: 'password-pepper' } } as const;
