/** What TLS tells the audit log. */

export const TLS_EVENTS = {
  certificateTaken: {
    name: 'certificate_taken',
    level: 'info',
    meaning: 'The gateway has a new certificate; connections that were open live on. `until` is its end.',
    details: { until: 'text', fingerprint: 'text' },
  },
  certificateRefused: {
    name: 'certificate_refused',
    level: 'critical',
    meaning:
      'A certificate or key that was put in place cannot be used, and the one before stays until its end: the files cannot be read, are no pair, or are not for the public origin.',
    details: { reason: 'text' },
  },
  certificateEnding: {
    name: 'certificate_ending',
    level: 'critical',
    meaning:
      'Less than a fifth of the life of the certificate is left, or nothing: nobody has renewed it. Told once a day.',
    details: { until: 'text', days: 'number' },
  },
  renewalFailed: {
    name: 'certificate_renewal_failed',
    level: 'critical',
    meaning:
      'The authority gave no certificate: the names do not lead here, its limits are reached, or it cannot be reached. The gateway tries again, later each time; the certificate it has stays.',
    details: { reason: 'text', attempt: 'number', nextTry: 'text' },
  },
  ticketKeysUnshared: {
    name: 'sys_service_unavailable',
    level: 'warn',
    meaning:
      'The keys of TLS tickets could not be shared through the store of sessions: a client that comes to another process shakes hands anew, and notices nothing.',
    details: { error: 'any' },
    bounded: true,
  },
  http2Flood: {
    name: 'excess_rate_limit_exceeded',
    level: 'warn',
    meaning:
      'A client of HTTP/2 only cost: it called off request after request, or sent frames that ask for nothing. Its connection was ended, and it is spoken HTTP/1.1 with for a minute.',
    details: { reason: 'text', client: 'text' },
    bounded: true,
  },
} as const;
