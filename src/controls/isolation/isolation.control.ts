import type { Control, Section } from '../../core/control.ts';
import { ISOLATION_EVENTS } from './isolation.events.ts';
import { type IsolationOptions, isolationOptions, type IsolationSettings } from './isolation.options.ts';

/** What others collect of this room. */
export const isolationControl: Control<
  { readonly isolation: Section<IsolationOptions, IsolationSettings> },
  typeof ISOLATION_EVENTS
> = {
  sections: { isolation: { table: isolationOptions } },
  events: ISOLATION_EVENTS,
  guards: ['isolation'],
};
