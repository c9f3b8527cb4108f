import type { Control, Section } from '../../core/control.ts';
import { VALIDATION_EVENTS, VALIDATION_PROBLEMS } from './validation.events.ts';
import { type ValidationOptions, validationOptions, type ValidationSettings } from './validation.options.ts';

/** What others collect of this room. */
export const validationControl: Control<
  { readonly validation: Section<ValidationOptions, ValidationSettings> },
  typeof VALIDATION_EVENTS
> = {
  sections: { validation: { table: validationOptions } },
  events: VALIDATION_EVENTS,
  problems: VALIDATION_PROBLEMS,
  guards: ['validation'],
};
