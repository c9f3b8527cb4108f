/** W3C Trace Context: which trace a request says that it is part of. A client says so, and may say anything. */

/** Where a request stands in a trace. */
export interface TracePlace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The span that it came from: 16 hexadecimal digits. */
  readonly spanId: string;
  /** Bit 1: the trace is recorded. Bit 2: its id is random. */
  readonly flags: number;
}

// Section 3.2: lower case, neither id all zeros, version ff forbidden; of later versions what follows is not looked at.
const TRACE_PARENT =
  /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-.{0,400})?$/;
const VERSION_0_LENGTH = 55;
const KNOWN_FLAGS = 0b11;

/** Reads a `traceparent` header. Undefined: it is none, and the trace begins here. */
export function readTraceParent(value: unknown): TracePlace | undefined {
  if (typeof value !== 'string') return undefined;
  const [, version, traceId, spanId, flags] = TRACE_PARENT.exec(value) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === '00' && value.length !== VERSION_0_LENGTH) return undefined;
  // Level 2 defines two bits; the others are 0 in what goes on.
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & KNOWN_FLAGS };
}

/** Writes a `traceparent` header, of version 00. */
export function writeTraceParent({ traceId, spanId, flags }: TracePlace): string {
  return `00-${traceId}-${spanId}-0${flags & KNOWN_FLAGS}`;
}
