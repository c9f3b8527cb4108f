/** What sign-in protection tells the audit log. `account` is a keyed hash: what was typed is nowhere in it. */
export const SIGN_IN_EVENTS = {
  signedIn: {
    name: 'authn_login_success',
    level: 'info',
    meaning:
      'Somebody signed in to the application behind the gateway, as far as its answer tells; `browser` says whether it is one from which the account signed in before.',
    details: { form: 'text', account: 'person?', browser: 'text', signs: 'text' },
  },
  signInFailed: {
    name: 'authn_login_fail',
    level: 'warn',
    meaning:
      'The application behind the gateway refused a sign-in, as far as its answer tells: `signs` are what it was told by. Never what was typed.',
    details: { form: 'text', account: 'person?', signs: 'text' },
  },
  guessed: {
    name: 'authn_login_fail_max',
    level: 'warn',
    meaning:
      'Wrong sign-ins to the application behind the gateway for one account from many addresses, for many accounts from one, or for many from many: guessing, spraying, or a list of stolen passwords. Told once an hour.',
    details: { reason: 'text', account: 'person?' },
  },
  unclear: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning:
      'A sign-in names its account not exactly once, or in a body that the gateway cannot read. All such attempts are counted as if they were for one account.',
    details: { reason: 'text', form: 'text' },
  },
  formFound: {
    name: 'sign_in_form_found',
    level: 'info',
    meaning:
      'The gateway found a sign-in form of the application, on a page or by what was sent. Where its fields are others, name them in the policy.',
    details: { form: 'text', by: 'text', fields: 'texts' },
  },
  untold: {
    name: 'sign_in_outcome_unknown',
    level: 'warn',
    meaning:
      'An answer to a sign-in tells neither success nor failure, and is counted as a failure. Name what tells them apart in the policy. Told once an hour for each form.',
    details: { form: 'text', signs: 'text' },
  },
} as const;
