import type { Control, Section } from '../../core/control.ts';
import { UPLOADS_EVENTS, UPLOADS_PROBLEMS } from './uploads.events.ts';
import { type UploadsOptions, uploadsOptions, type UploadsSettings } from './uploads.options.ts';

/** What others collect of this room. */
export const uploadsControl: Control<
  { readonly uploads: Section<UploadsOptions, UploadsSettings> },
  typeof UPLOADS_EVENTS
> = {
  sections: { uploads: { table: uploadsOptions } },
  events: UPLOADS_EVENTS,
  problems: UPLOADS_PROBLEMS,
  guards: ['uploads'],
  rules: async () => (await import('./uploads.check.ts')).uploadsRules,
};
