/** The sub-keys of the csrf room. */
export const CSRF_KEYS = { token: { signs: 'csrf-token' }, back: { signs: 'csrf-back' } } as const;
