/** What second factors tell the audit log. `factor` says which: `totp`, `passkey`, `recovery-code`, `remembered-device`. */
export const MFA_EVENTS = {
  created: {
    name: 'authn_token_created',
    level: 'info',
    meaning: 'A second factor was made, or a browser remembered.',
    details: {
      factor: 'text',
      account: 'person',
      device: 'personal?',
      passkey: 'personal?',
      count: 'number?',
    },
  },
  revoked: {
    name: 'authn_token_revoked',
    level: 'info',
    meaning: 'A second factor or remembered browser was taken back, or `all` of an account.',
    details: {
      factor: 'text',
      account: 'person',
      device: 'personal?',
      passkey: 'personal?',
      count: 'number?',
    },
  },
  proved: {
    name: 'authn_login_success',
    level: 'info',
    meaning: 'Someone proved a second factor.',
    details: {
      factor: 'text',
      account: 'person',
      device: 'personal?',
      passkey: 'personal?',
      left: 'number?',
    },
  },
  failed: {
    name: 'authn_login_fail',
    level: 'warn',
    meaning: 'A second factor was wrong. Never what was typed.',
    details: { factor: 'text', account: 'person?', reason: 'text' },
  },
  limited: {
    name: 'excess_rate_limit_exceeded',
    level: 'warn',
    meaning: 'Too many codes of a second factor were tried for one account.',
    details: { factor: 'text', account: 'person' },
  },
  copied: {
    name: 'authn_token_reuse',
    level: 'critical',
    meaning: 'A copy of the cookie of a remembered browser, or of a passkey, may be in use.',
    details: {
      factor: 'text',
      account: 'person',
      device: 'personal?',
      passkey: 'personal?',
      reason: 'text?',
      counter: 'number?',
      before: 'number?',
    },
  },
  foreign: {
    name: 'malicious_direct_reference',
    level: 'warn',
    meaning: 'Someone named a passkey or a remembered browser of another account.',
    details: { account: 'person', device: 'personal?', passkey: 'personal?', reason: 'text' },
  },
  renamed: {
    name: 'user_updated',
    level: 'info',
    meaning: 'A passkey was given another name.',
    details: { account: 'person', changed: 'text' },
  },
  unsealed: {
    name: 'crypt_decrypt_fail',
    level: 'critical',
    meaning:
      'The secret of an authenticator app does not open: a row was tampered with, or the secret that sealed it is gone.',
    details: { factor: 'text', account: 'person' },
  },
} as const;
