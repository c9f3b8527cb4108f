/** OpenTelemetry's API, of the shape that is used here: found at run time, so that nobody needs it who has no SDK. */
import { createRequire } from 'node:module';
import type { ErrorCode } from '../../core/errors.ts';

/** A context of OpenTelemetry: handed on, never looked into. */
export type OtelContext = unknown;

/** What tells one span from all others. */
export interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean;
  readonly traceState?: { serialize(): string };
}

/** A span. */
export interface OtelSpan {
  spanContext(): OtelSpanContext;
  isRecording(): boolean;
  setAttribute(name: string, value: string | number | string[]): unknown;
  setStatus(status: { code: number }): unknown;
  end(): void;
}

/** What a span begins with. */
export interface OtelSpanOptions {
  readonly kind: number;
  readonly attributes?: Record<string, string | number>;
  readonly links?: { context: OtelSpanContext }[];
}

/** `@opentelemetry/api`. */
export interface OpenTelemetry {
  readonly ROOT_CONTEXT: OtelContext;
  readonly trace: {
    getTracer(name: string): {
      startSpan(name: string, options: OtelSpanOptions, context: OtelContext): OtelSpan;
    };
    getActiveSpan(): OtelSpan | undefined;
    setSpan(context: OtelContext, span: OtelSpan): OtelContext;
    setSpanContext(context: OtelContext, place: OtelSpanContext): OtelContext;
  };
  readonly context: {
    active(): OtelContext;
    with<Result>(context: OtelContext, run: () => Result): Result;
    bind<Target>(context: OtelContext, target: Target): Target;
  };
  createTraceState(raw: string): { serialize(): string };
}

/** The numbers of OpenTelemetry's enums: `SpanKind` and `SpanStatusCode`. */
export const INTERNAL = 0;
export const SERVER = 1;
export const STATUS_ERROR = 2;

// Where every copy of the API in a process, of whatever version 1, looks for what an SDK has registered.
const REGISTERED = Symbol.for('opentelemetry.js.api.1');
const PACKAGE = '@opentelemetry/api';
const require = createRequire(import.meta.url);
const MISSING: ErrorCode = 'ERR_BULWARK_PACKAGE_MISSING';

let loaded: { readonly api: OpenTelemetry | undefined } | undefined;

/** The API, once an SDK has registered itself. Until then nothing is loaded, and one property is looked at a request. */
export function findOpenTelemetry(): OpenTelemetry | undefined {
  const registered = (globalThis as { [REGISTERED]?: { readonly trace?: unknown } })[REGISTERED];
  if (registered?.trace === undefined) return undefined;
  loaded ??= { api: load() };
  return loaded.api;
}

function load(): OpenTelemetry | undefined {
  try {
    return require(PACKAGE) as OpenTelemetry;
  } catch (error) {
    const { message } = error as { message?: unknown };
    process.emitWarning(
      `an OpenTelemetry SDK is registered, and ${PACKAGE} does not load from here, so that requests have no spans: npm install ${PACKAGE} (${String(message).split('\n', 1)[0]})`,
      { code: MISSING },
    );
    return undefined;
  }
}
