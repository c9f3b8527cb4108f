/** What the firewall room tells the audit log, and what it answers with. */

export const FIREWALL_EVENTS = {
  malformed: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning: 'A request is malformed or has two readings.',
    details: { reason: 'text', path: 'text?' },
  },
  foreignHost: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning: 'A request is for a host that is not answered for.',
    details: { host: 'text?' },
  },
  bodyRefused: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning: 'A body is too large, or compressed in a way that is not taken.',
    details: { reason: 'text', limit: 'number?' },
  },
  methodRefused: {
    name: 'malicious_method',
    level: 'warn',
    meaning: 'A method that is not served.',
    details: { method: 'text?' },
  },
  methodOverridden: {
    name: 'malicious_method',
    level: 'warn',
    meaning: 'A header that overrides the method.',
    details: { reason: 'text' },
  },
  slowReader: {
    name: 'malicious_slow_client',
    level: 'warn',
    meaning: 'An answer that nobody takes.',
    details: { reason: 'text', client: 'text' },
  },
  proxyHead: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning: 'A trusted proxy began a connection without a good head of the PROXY protocol; it was cut.',
    details: { reason: 'text', client: 'text' },
  },
  tooManyConnections: {
    name: 'excess_rate_limit_exceeded',
    level: 'warn',
    meaning: 'A client has too many connections.',
    details: { limit: 'text', client: 'text' },
  },
} as const;

export const FIREWALL_PROBLEMS = {
  hostNotAllowed: { type: 'host-not-allowed', title: 'This address is not served here', status: 421 },
} as const;
