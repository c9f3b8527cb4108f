/** What accounts tell the audit log. */
export const ACCOUNTS_EVENTS = {
  signedIn: {
    name: 'authn_login_success',
    level: 'info',
    meaning: 'Someone signed in; `device` says whether their browser is known.',
    details: { account: 'person', means: 'text', device: 'personal' },
  },
  signInFailed: {
    name: 'authn_login_fail',
    level: 'warn',
    meaning:
      'A password, an account or the account of another service was wrong. Never what was typed; the account by its id, or `tried`, a keyed hash of the name that there is no account of.',
    details: {
      account: 'person?',
      tried: 'text?',
      reason: 'text',
      unreadable: 'text?',
      other: 'person?',
      factor: 'text?',
      provider: 'text?',
    },
  },
  guessed: {
    name: 'authn_login_fail_max',
    level: 'warn',
    meaning:
      'Wrong passwords for one account from many addresses, or for many accounts from one: guessing. Told once an hour.',
    details: { reason: 'text', account: 'person?' },
  },
  locked: {
    name: 'authn_login_lock',
    level: 'warn',
    meaning:
      'So many wrong passwords in a row that new browsers are kept out of the account until its password is reset.',
    details: { account: 'person', reason: 'text' },
  },
  limited: {
    name: 'excess_rate_limit_exceeded',
    level: 'warn',
    meaning:
      'Too many sign-ins for one name, too many mails asked for, or a form of a suspect client without what it was asked for.',
    details: { reason: 'text', account: 'person?', form: 'text?', purpose: 'text?' },
  },
  exported: {
    name: 'sensitive_read',
    level: 'info',
    meaning: 'All that is kept of an account was handed out, to its owner where the account pages did so.',
    details: { account: 'person' },
  },
  passwordChanged: {
    name: 'authn_password_change',
    level: 'info',
    meaning: 'A password was changed or reset.',
    details: { account: 'person', by: 'text?' },
  },
  passwordNotChanged: {
    name: 'authn_password_change_fail',
    level: 'warn',
    meaning: 'A change of password was refused.',
    details: { account: 'person', reason: 'text' },
  },
  linkMade: {
    name: 'authn_token_created',
    level: 'info',
    meaning: 'A link to reset a password was mailed.',
    details: { account: 'person', kind: 'text' },
  },
  stayBegun: {
    name: 'authn_token_created',
    level: 'info',
    meaning: 'Somebody stays signed in in a browser: sessions begin there by its cookie, until its end.',
    details: { account: 'person', kind: 'text', browser: 'personal' },
  },
  stayEnded: {
    name: 'authn_token_revoked',
    level: 'info',
    meaning: 'A browser stays signed in no more, or `count` of them.',
    details: { account: 'person', browser: 'personal?', count: 'number?', reason: 'text' },
  },
  stayCopied: {
    name: 'authn_token_reuse',
    level: 'critical',
    meaning:
      'A cookie that keeps somebody signed in came back after it was replaced: a copy of it is, or was, in use. Its browser is signed out, and the owner is told.',
    details: { account: 'person', browser: 'personal' },
  },
  created: {
    name: 'user_created',
    level: 'info',
    meaning: 'An account was made, by its owner or by an operator.',
    details: { account: 'person', by: 'text?' },
  },
  updated: {
    name: 'user_updated',
    level: 'info',
    meaning: 'An account was changed: its address, its state, or the services it is linked with.',
    details: { account: 'person', changed: 'text' },
  },
  deletionAsked: {
    name: 'user_updated',
    level: 'info',
    meaning:
      'The owner of an account asked for its removal. It is signed out everywhere, and kept until that day.',
    details: { account: 'person', changed: 'text', on: 'text' },
  },
  notRemoved: {
    name: 'sys_service_unavailable',
    level: 'warn',
    meaning:
      'An account whose day had come was not removed: the part of the application (`accounts.onDelete`) or a store failed, or took longer than four minutes (`TimeoutError`). It is tried again. `part` says where it was the application.',
    details: { account: 'person?', part: 'text?', error: 'any' },
  },
  wishesLeft: {
    name: 'sys_service_unavailable',
    level: 'warn',
    meaning:
      'Owners asked for the removal of their accounts, and the policy has lost the option that fulfils it: nobody removes them until it is back.',
    details: { option: 'text' },
  },
  removed: {
    name: 'user_deleted',
    level: 'warn',
    meaning: 'An account was removed for good, with its sessions and all that was kept of it.',
    details: { account: 'person' },
  },
  rolesChanged: {
    name: 'privilege_permissions_changed',
    level: 'warn',
    meaning: 'The roles of an account were changed.',
    details: { account: 'person' },
  },
  operatorActed: {
    name: 'authz_admin',
    level: 'warn',
    meaning:
      'An operator acted on the account of somebody else, or tried to (`refused`; `failed`: a store did): `operator` is the id of their account, or who ran the command at the server. A reset of second factors names both operators.',
    details: {
      operator: 'person',
      act: 'text',
      account: 'person',
      role: 'text?',
      sessionRef: 'text?',
      askedBy: 'person?',
      request: 'text?',
      reason: 'text?',
      refused: 'text?',
      failed: 'flag?',
    },
  },
  mailNotSent: {
    name: 'sys_service_unavailable',
    level: 'warn',
    meaning: 'A mail was not sent: the mail server did not take it, or too many wait.',
    details: {
      service: 'text',
      reason: 'text',
      account: 'person?',
      subject: 'text?',
      tries: 'number?',
      waiting: 'number?',
      lost: 'number?',
      error: 'text?',
      answer: 'number?',
      command: 'text?',
    },
  },
} as const;
