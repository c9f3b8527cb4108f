/** What the api-tokens room tells the audit log, and what it answers with. */

export const API_TOKEN_EVENTS = {
  refused: {
    name: 'authn_login_fail',
    level: 'warn',
    meaning:
      'An API token is not whole, unknown, expired or revoked, its account is gone, disabled or to be removed, or the proof of its key does not hold.',
    details: { by: 'text', reason: 'text', id: 'text?', account: 'person?' },
  },
  misused: {
    name: 'authn_token_misused',
    level: 'critical',
    meaning:
      'An API token that is bound to a key was used without that key: it was stolen, or its program lost the key. Nothing was opened. Revoke it if in doubt.',
    details: { by: 'text', reason: 'text', id: 'text', account: 'person' },
    bounded: true,
  },
  keyBound: {
    name: 'authn_token_bound',
    level: 'info',
    meaning: 'An API token was bound to the key that it first came with.',
    details: { by: 'text', account: 'person', id: 'text' },
  },
  outOfScope: {
    name: 'authz_fail',
    level: 'warn',
    meaning: 'An API token asked for what it may not do: a route without a scope, or with another one.',
    details: { needs: 'any' },
  },
  askedForToken: {
    name: 'authz_fail',
    level: 'warn',
    meaning: 'An API token asked for an API token.',
    details: { by: 'text', reason: 'text' },
  },
  created: {
    name: 'authn_token_created',
    level: 'info',
    meaning: 'An API token was made.',
    details: { by: 'text', account: 'person', id: 'text', scopes: 'texts', expiresAt: 'number' },
  },
  revoked: {
    name: 'authn_token_revoked',
    level: 'info',
    meaning: 'An API token, or every one of an account, was taken back.',
    details: { by: 'text', account: 'person', id: 'text?', count: 'number?' },
  },
} as const;

export const API_TOKEN_PROBLEMS = {
  notProved: {
    type: 'token-not-proved',
    title: 'This token came without the proof of its key',
    status: 401,
  },
  invalidToken: { type: 'invalid-token', title: 'This token does not work', status: 401 },
} as const;
