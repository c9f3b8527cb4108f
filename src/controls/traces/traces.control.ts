import type { Control, Section } from '../../core/control.ts';
import { type TracesOptions, tracesOptions, type TracesSettings } from './traces.options.ts';

/** What others collect of this room. */
export const tracesControl: Control<{ readonly traces: Section<TracesOptions, TracesSettings> }> = {
  sections: { traces: { table: tracesOptions } },
};
