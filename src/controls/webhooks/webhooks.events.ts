/** What the webhooks room tells the audit log, and what it answers with. */

export const WEBHOOKS_EVENTS = {
  refused: {
    name: 'malicious_extraneous',
    level: 'warn',
    meaning:
      'A delivery to a webhook was not signed by its sender, or too long ago. Many of them, just after a secret was changed, are the sender; otherwise somebody tries what the route does with what they write.',
    details: { scheme: 'text', reason: 'text' },
  },
} as const;

export const WEBHOOKS_PROBLEMS = {
  notSigned: { type: 'not-signed', title: 'The signature is not valid', status: 401 },
} as const;
