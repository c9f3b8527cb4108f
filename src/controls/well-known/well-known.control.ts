import type { Control, Section } from '../../core/control.ts';
import { WELL_KNOWN_EVENTS } from './well-known.events.ts';
import {
  checkWellKnown,
  type WellKnownOptions,
  wellKnownOptions,
  type WellKnownSettings,
} from './well-known.options.ts';

/** What others collect of this room. */
export const wellKnownControl: Control<
  { readonly wellKnown: Section<WellKnownOptions, WellKnownSettings> },
  typeof WELL_KNOWN_EVENTS
> = {
  sections: { wellKnown: { table: wellKnownOptions, check: checkWellKnown } },
  events: WELL_KNOWN_EVENTS,
  guards: ['well-known'],
  rules: async () => (await import('./well-known.check.ts')).wellKnownRules,
};
