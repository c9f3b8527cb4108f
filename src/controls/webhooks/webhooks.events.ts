/** What the webhooks room tells the audit log, and what it answers with. */

export const WEBHOOKS_EVENTS = {
  refused: {
    name: 'malicious_extraneous',
    level: 'warn',
    meaning:
      'A delivery to a webhook was not signed by its sender, or too long ago. Many of them, just after a secret was changed, are the sender; otherwise somebody tries what the route does with what they write.',
    details: { scheme: 'text', reason: 'text' },
  },
  undelivered: {
    name: 'webhook_undelivered',
    level: 'warn',
    meaning:
      'A delivery of ours ended without having arrived: `reason` is gone (the receiver wants no more), refused (the address leads where nothing may go), given-up, or no-endpoint.',
    details: { id: 'text', endpoint: 'text', reason: 'text', tries: 'number' },
  },
  lost: {
    name: 'webhook_failed',
    level: 'critical',
    meaning:
      'A delivery of ours could not be tried: what finds endpoints or keeps deliveries failed, or a secret is none. Where there is a store it goes on after a restart.',
    details: { id: 'text', reason: 'text' },
  },
} as const;

export const WEBHOOKS_PROBLEMS = {
  notSigned: { type: 'not-signed', title: 'The signature is not valid', status: 401 },
} as const;
