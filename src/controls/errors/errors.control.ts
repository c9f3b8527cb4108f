import type { Control, Section } from '../../core/control.ts';
import { ERRORS_EVENTS } from './errors.events.ts';
import { type ErrorsOptions, errorsOptions, type ErrorsSettings } from './errors.options.ts';

/** What others collect of this room. */
export const errorsControl: Control<
  { readonly errors: Section<ErrorsOptions, ErrorsSettings> },
  typeof ERRORS_EVENTS
> = {
  sections: { errors: { table: errorsOptions } },
  events: ERRORS_EVENTS,
  guards: ['errors'],
  rules: async () => {
    const rooms = await Promise.all([
      import('./errors.check.ts'),
      import('./debug.check.ts'),
      import('./health.check.ts'),
    ]);
    const [{ errorsRules }, { debugRules }, { healthRules }] = rooms;
    return [...errorsRules, ...debugRules, ...healthRules];
  },
};
