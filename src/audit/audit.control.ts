import type { Control, Section } from '../core/control.ts';
import { APPLICATION_EVENTS } from './application.events.ts';
import { type AuditOptions, auditOptions, type AuditSettings } from './audit.options.ts';

/** What others collect of this room: its events are the application's. */
export const auditControl: Control<
  { readonly audit: Section<AuditOptions, AuditSettings> },
  typeof APPLICATION_EVENTS
> = {
  sections: { audit: { table: auditOptions } },
  events: APPLICATION_EVENTS,
};
