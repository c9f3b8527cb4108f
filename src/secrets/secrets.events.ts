/** What secrets tell the audit log while an application runs. */
export const SECRETS_EVENTS = {
  rotated: {
    name: 'secrets_rotated',
    level: 'warn',
    meaning:
      'The provider of secrets has others than before: `count` says how many. What only a secret verified that is gone is void from now on. One that is new signs once all processes can have it.',
    details: { provider: 'text', count: 'number' },
  },
  ending: {
    name: 'secrets_ending',
    level: 'warn',
    meaning:
      'The secret in use ends soon, or has ended: its place says until when it is good, or it is as old as the policy lets one get. It is used on until another is there. Told once a day by each process.',
    details: { provider: 'text', until: 'text', days: 'number' },
  },
  refreshFailed: {
    name: 'secrets_refresh_failed',
    level: 'critical',
    meaning:
      'The provider of secrets was asked again and gave nothing that can be used, or a new secret could not be put there (told once a day). Those that were read before hold on, a rotation does not arrive, and a restart would fail.',
    details: { provider: 'text', reason: 'text' },
  },
} as const;
