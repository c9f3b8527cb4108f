/** The sub-keys of the console. */
export const CONSOLE_KEYS = { live: { signs: 'console-live' } } as const;
