/** W3C Trace Context, level 1: which trace a request says that it is part of. A client says so, and may say anything. */

/** Where a request stands in a trace. */
export interface TracePlace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The span that it came from: 16 hexadecimal digits. */
  readonly spanId: string;
}

// Section 3.2: lower case, neither id all zeros, version ff forbidden; of later versions what follows is not looked at.
const TRACE_PARENT =
  /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-[\da-f]{2}(?:-.{0,400})?$/;
const VERSION_0_LENGTH = 55;

/** Reads a `traceparent` header. Undefined: it is none, and the trace begins here. */
export function readTraceParent(value: unknown): TracePlace | undefined {
  if (typeof value !== 'string') return undefined;
  const [, version, traceId, spanId] = TRACE_PARENT.exec(value) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return version === '00' && value.length !== VERSION_0_LENGTH ? undefined : { traceId, spanId };
}
