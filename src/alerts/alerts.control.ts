import type { Control, Section } from '../core/control.ts';
import { ALERTS_EVENTS } from './alerts.events.ts';
import { type AlertsOptions, alertsOptions, type AlertsSettings } from './alerts.options.ts';

/** What others collect of this room. */
export const alertsControl: Control<
  { readonly alerts: Section<AlertsOptions, AlertsSettings> },
  typeof ALERTS_EVENTS
> = {
  sections: { alerts: { table: alertsOptions } },
  events: ALERTS_EVENTS,
};
