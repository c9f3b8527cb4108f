/** What the well-known room tells the audit log. */
export const WELL_KNOWN_EVENTS = {
  ending: {
    name: 'sys_security_txt_ending',
    level: 'warn',
    meaning:
      'The security.txt of this site ends soon, or has ended and is no longer answered: write a later date. Told once a day at most, when somebody asks for it.',
    details: { expires: 'text', days: 'number' },
  },
} as const;
