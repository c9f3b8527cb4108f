/** Where a request stands in the traces of the machine's own telemetry: what rooms that know no telemetry see of it. */
import { type Slot, slot } from './slot.ts';
import type { TracePlace } from './trace-parent.ts';

/** A request that has a span. */
export interface Traced {
  /** The span of the request; undefined where nobody records spans. */
  readonly place: TracePlace | undefined;
  /** The `tracestate` that goes on with it, of a caller who is believed. */
  readonly state: string | undefined;
  /** Says which guard said no, or in `observe` would have. */
  note(guard: string, status: number, observed: boolean): void;
}

/** The span of a request, where the process has an OpenTelemetry SDK. */
export const TRACED: Slot<Traced> = slot();
