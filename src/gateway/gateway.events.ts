/** What the gateway tells the audit log, and what it answers with in the place of an application. */

export const GATEWAY_EVENTS = {
  upstreamFailed: {
    name: 'sys_service_unavailable',
    level: 'warn',
    meaning:
      'The application behind the gateway gave no answer, or none that can be passed on: it is gone, late, out of connections, or its answer was cut or can be read in two ways.',
    details: { upstream: 'text', reason: 'text' },
    bounded: true,
  },
  upstreamGone: {
    name: 'sys_upstream_unavailable',
    level: 'critical',
    meaning:
      'An upstream takes no connection, or fails its checks: it gets no requests until it is back, unless it is the only one.',
    details: { upstream: 'text' },
  },
  upstreamBack: {
    name: 'sys_upstream_recovered',
    level: 'warn',
    meaning: 'An upstream that was gone is back.',
    details: { upstream: 'text' },
  },
  reloadRefused: {
    name: 'sys_reload_refused',
    level: 'critical',
    meaning: 'A gateway was told to read its policy anew, and did not: the one before stays.',
    details: { reason: 'text' },
  },
  streamEnded: {
    name: 'session_expired',
    level: 'info',
    meaning:
      'A WebSocket, or an answer that stays open, was ended: the session that opened it is over, or the gateway is ending.',
    details: {},
  },
  spoolFull: {
    name: 'excess_rate_limit_exceeded',
    level: 'warn',
    meaning: 'Request bodies under way take all the room there is for them, so that one more was not taken.',
    details: { reason: 'text' },
    bounded: true,
  },
  foreignProtocol: {
    name: 'malicious_extraneous',
    level: 'warn',
    meaning: 'A client asked for a protocol other than WebSocket on a connection through the gateway.',
    details: { reason: 'text' },
  },
  debugPage: {
    name: 'sys_misconfigured',
    level: 'critical',
    meaning:
      'The application runs with debugging on: it answered with a page for developers, which was replaced. `framework` says whose.',
    details: { reason: 'text', framework: 'text', answered: 'number' },
  },
  pagesUnread: {
    name: 'sys_service_unavailable',
    level: 'warn',
    meaning:
      'What pages run cannot be noted any more, so that `bulwark gateway csp` knows nothing new; pages go on.',
    details: { error: 'any' },
  },
  vaultBegun: {
    name: 'session_created',
    level: 'info',
    meaning:
      'The application set a session cookie, which stays at the gateway; `account` is whom it names, where it can be read.',
    details: { sessionRef: 'text', account: 'person?' },
  },
  vaultRenewed: {
    name: 'session_renewed',
    level: 'info',
    meaning:
      'The application gave a visitor another session, or another user; the browser has a new handle for it.',
    details: { sessionRef: 'text', account: 'person?' },
  },
  vaultEnded: {
    name: 'session_expired',
    level: 'info',
    meaning: 'The application took its session cookies away: what is left of them in copies opens nothing.',
    details: { sessionRef: 'text', account: 'person?' },
  },
} as const;

export const GATEWAY_PROBLEMS = {
  badAnswer: { type: 'bad-answer', title: 'The application did not answer as it should', status: 502 },
  lateAnswer: { type: 'late-answer', title: 'The application took too long', status: 504 },
  noRoom: { type: 'no-room', title: 'There is no room for this at the moment', status: 507 },
} as const;
