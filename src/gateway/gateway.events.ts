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
} as const;

export const GATEWAY_PROBLEMS = {
  badAnswer: { type: 'bad-answer', title: 'The application did not answer as it should', status: 502 },
  lateAnswer: { type: 'late-answer', title: 'The application took too long', status: 504 },
  noRoom: { type: 'no-room', title: 'There is no room for this at the moment', status: 507 },
} as const;
