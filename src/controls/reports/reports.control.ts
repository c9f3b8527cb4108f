import type { Control, Section } from '../../core/control.ts';
import { REPORTS_EVENTS } from './reports.events.ts';
import { type ReportsOptions, reportsOptions, type ReportsSettings } from './reports.options.ts';

/** What others collect of this room. */
export const reportsControl: Control<
  { readonly reports: Section<ReportsOptions, ReportsSettings> },
  typeof REPORTS_EVENTS
> = {
  sections: { reports: { table: reportsOptions } },
  events: REPORTS_EVENTS,
  guards: ['reports'],
};
