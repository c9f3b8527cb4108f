/** What the sessions room tells the audit log. */
export const SESSIONS_EVENTS = {
  created: {
    name: 'session_created',
    level: 'info',
    meaning: 'A session began: for a visitor once something is stored, or at a sign-in.',
    details: { sessionRef: 'text', account: 'person?', mfa: 'flag' },
  },
  renewed: {
    name: 'session_renewed',
    level: 'info',
    meaning: 'A session went on under a new id with other privileges.',
    details: { sessionRef: 'text', account: 'person?', mfa: 'flag' },
  },
  ended: {
    name: 'session_expired',
    level: 'info',
    meaning:
      'A session was ended: signed out, revoked, or the oldest where `session.perAccount` was reached. Those that ran out end without an event.',
    details: { reason: 'text', sessionRef: 'text?', account: 'person?', mfa: 'flag?', count: 'number?' },
  },
  full: {
    name: 'session_limit_reached',
    level: 'warn',
    meaning:
      'Somebody proved who they are and was not signed in: their account has as many sessions as `session.perAccount` lets it have.',
    details: { account: 'person', limit: 'number' },
  },
  moved: {
    name: 'session_moved',
    level: 'info',
    meaning:
      'A session of somebody who is signed in is used from another network (/24, /48) than it began in: a telephone on its way, or a stolen cookie. Told once for each network, by each process.',
    details: { sessionRef: 'text', from: 'personal', to: 'personal' },
    bounded: true,
  },
  foreignSession: {
    name: 'malicious_direct_reference',
    level: 'warn',
    meaning: 'Someone named a session of another account.',
    details: { account: 'person', sessionRef: 'text', reason: 'text' },
  },
  tokenNotLive: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning: 'A form brings a one-time token that was used, is late, or is none: see `purpose`.',
    details: { purpose: 'text', sessionRef: 'text', account: 'person?', reason: 'text' },
  },
  unheard: {
    name: 'sys_crash',
    level: 'critical',
    meaning: 'A call on sessions failed, and nobody awaited it.',
    details: { error: 'any', reason: 'text' },
    stack: true,
  },
} as const;

export const SESSION_PROBLEMS = {
  full: { type: 'too-many-sessions', title: 'You are signed in in too many browsers', status: 403 },
} as const;
