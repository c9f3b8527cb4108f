/** What signing in with others tells the audit log. */
export const OIDC_EVENTS = {
  proved: {
    name: 'authn_login_success',
    level: 'info',
    meaning: 'Someone proved an account at another service.',
    details: { factor: 'text', provider: 'text', purpose: 'text', account: 'person?', userInfo: 'personal?' },
  },
  failed: {
    name: 'authn_login_fail',
    level: 'warn',
    meaning: 'The answer of another service was wrong, late, or for somebody else.',
    details: {
      factor: 'text',
      provider: 'text?',
      purpose: 'text?',
      account: 'person?',
      reason: 'text',
      detail: 'text?',
    },
  },
  unavailable: {
    name: 'sys_service_unavailable',
    level: 'warn',
    meaning: 'Another service that people sign in with did not answer.',
    details: { service: 'text', provider: 'text?', message: 'text' },
  },
  misconfigured: {
    name: 'sys_misconfigured',
    level: 'critical',
    meaning: 'Another service that people sign in with answers otherwise than the policy says.',
    details: { service: 'text', provider: 'text?', message: 'text' },
  },
} as const;
