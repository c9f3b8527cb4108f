import type { Control, Section } from '../../core/control.ts';
import { ACCESS_EVENTS, ACCESS_PROBLEMS } from './access.events.ts';
import { type AccessOptions, accessOptions, type AccessSettings } from './access.options.ts';

/** What others collect of this room. */
export const accessControl: Control<
  { readonly access: Section<AccessOptions, AccessSettings> },
  typeof ACCESS_EVENTS
> = {
  sections: { access: { table: accessOptions } },
  events: ACCESS_EVENTS,
  problems: ACCESS_PROBLEMS,
  guards: ['access'],
  rules: async () => (await import('./access.check.ts')).accessRules,
};
