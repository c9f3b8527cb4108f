/** What the access room tells the audit log, and what it answers with. */

export const ACCESS_EVENTS = {
  refused: {
    name: 'authz_fail',
    level: 'warn',
    meaning:
      'A route rule refused: nobody signed in, the role, the scope or the second factor missing, or the sign-in too old.',
    details: { needs: 'any' },
  },
  closed: {
    name: 'authz_fail',
    level: 'warn',
    meaning: 'No rule opens the route (`access.otherwise`), or nothing says who may call the function.',
    details: { reason: 'text', fix: 'text?' },
  },
  denied: {
    name: 'authz_fail',
    level: 'warn',
    meaning: 'A permission refused; `object` is the id that the handler named.',
    details: { action: 'text', because: 'text', object: 'any?' },
  },
  ambiguous: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning: 'A path with two readings was let through by `observe`, and no route rule can be relied on.',
    details: { reason: 'text' },
  },
  ruleBroken: {
    name: 'sys_crash',
    level: 'critical',
    meaning: 'The rule of a permission failed. The answer is no until it does not.',
    details: { guard: 'text', action: 'text', reason: 'text', error: 'any' },
    stack: true,
  },
  ruleMiswritten: {
    name: 'sys_misconfigured',
    level: 'critical',
    meaning:
      'A permission that no rule is declared for, or whose rule answers with neither true nor false. The answer is no.',
    details: { guard: 'text', action: 'text', reason: 'text', guess: 'text?', answer: 'text?' },
  },
} as const;

export const ACCESS_PROBLEMS = {
  strongerSignInRequired: {
    type: 'stronger-sign-in-required',
    title: 'Please confirm that it is you',
    status: 403,
  },
  deviceNeeded: {
    type: 'device-needed',
    title: 'This needs a session that is bound to your device',
    status: 403,
  },
} as const;
