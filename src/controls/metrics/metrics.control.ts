import type { Control, Section } from '../../core/control.ts';
import { METRICS_EVENTS } from './metrics.events.ts';
import { type MetricsOptions, metricsOptions, type MetricsSettings } from './metrics.options.ts';

/** What others collect of this room. */
export const metricsControl: Control<
  { readonly metrics: Section<MetricsOptions, MetricsSettings> },
  typeof METRICS_EVENTS
> = {
  sections: { metrics: { table: metricsOptions } },
  events: METRICS_EVENTS,
};
