import type { Control, Section } from '../../core/control.ts';
import { CSRF_EVENTS, CSRF_PROBLEMS } from './csrf.events.ts';
import { CSRF_KEYS } from './csrf.keys.ts';
import { type CsrfOptions, csrfOptions, type CsrfSettings } from './csrf.options.ts';

/** What others collect of this room. */
export const csrfControl: Control<{ readonly csrf: Section<CsrfOptions, CsrfSettings> }, typeof CSRF_EVENTS> =
  {
    sections: { csrf: { table: csrfOptions } },
    events: CSRF_EVENTS,
    problems: CSRF_PROBLEMS,
    keys: CSRF_KEYS,
    guards: ['csrf'],
    rules: async () => {
      const rooms = await Promise.all([
        import('./csrf.check.ts'),
        import('./forms.check.ts'),
        import('./sign-in-state.check.ts'),
      ]);
      const [{ csrfRules }, { csrfFormRules }, { signInStateRules }] = rooms;
      return [...csrfRules, ...csrfFormRules, ...signInStateRules];
    },
  };
