import type { OptionTable } from '../../core/options.ts';
import { oneOf } from '../../core/readers.ts';

/** How requests stand in traces, where the process has an OpenTelemetry SDK. */
export interface TracesOptions {
  /**
   * What the `traceparent` of a request is to its span. `link` (default): the span begins a trace of its own, and names the
   * other. `parent`: the trace goes on here, and whoever sent it says whether it is recorded: where only services of
   * your own, or a proxy that writes the header anew, can send requests.
   */
  incoming?: 'link' | 'parent';
}

/** {@link TracesOptions}, read. */
export interface TracesSettings {
  readonly incoming: 'link' | 'parent';
}

/** The defaults and why. */
export const tracesOptions: OptionTable<TracesSettings> = {
  incoming: {
    default: 'link',
    read: oneOf('link', 'parent'),
    reason: 'A stranger who names the trace fills it with what is not yours, and has every request recorded.',
    source: 'W3C Trace Context 5 and 6 (privacy, security)',
    example: "traces: { incoming: 'parent' }",
  },
};
