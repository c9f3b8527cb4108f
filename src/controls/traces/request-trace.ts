/** The spans of one request: its own, where nobody made one before us, and that of the guards. */
import { type Exchange, header } from '../../core/exchange.ts';
import { withoutLinkToken } from '../../core/link-token.ts';
import { cutForLog } from '../../core/log-text.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { readTraceParent, type TracePlace, writeTraceParent } from '../../core/trace-parent.ts';
import { TRACED, type Traced } from '../../core/traced.ts';
import type { Verdict } from '../../core/verdict.ts';
import {
  findOpenTelemetry,
  INTERNAL,
  type OpenTelemetry,
  type OtelContext,
  type OtelSpan,
  type OtelSpanContext,
  type OtelSpanOptions,
  SERVER,
  STATUS_ERROR,
} from './opentelemetry.ts';
import type { TracesSettings } from './traces.options.ts';

/** Begins the spans of a request and keeps them on its exchange. Undefined, and nothing is done, where no SDK is registered. */
export function beginTrace(exchange: Exchange, settings: TracesSettings): RequestTrace | undefined {
  const otel = findOpenTelemetry();
  if (otel === undefined) return undefined;
  const trace = unlessItThrows(() => new RequestTrace(otel, exchange, settings));
  if (trace !== undefined) exchange.set(TRACED, trace);
  return trace;
}

let isTold = false;

/** Samplers and processors are anybody's code: one that throws must neither let a request pass nor end the process. */
function unlessItThrows<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (!isTold) process.emitWarning(`a span could not be recorded: ${String(error).split('\n', 1)[0]}`);
    isTold = true;
    return undefined;
  }
}

/** A request as those behind the guards get it. */
interface Carried {
  readonly headers: Record<string, string | string[] | undefined>;
}

/** One request in its trace. */
export class RequestTrace implements Traced {
  readonly place: TracePlace | undefined;
  readonly state: string | undefined;
  readonly #otel: OpenTelemetry;
  readonly #span: OtelSpan;
  readonly #isOurs: boolean;
  readonly #context: OtelContext;
  readonly #guards: OtelSpan;
  readonly #observed: string[] = [];
  #isRefused = false;
  #isDecided = false;
  #isOver = false;

  constructor(otel: OpenTelemetry, exchange: Exchange, settings: TracesSettings) {
    this.#otel = otel;
    const tracer = otel.trace.getTracer('bulwark');
    const active = otel.trace.getActiveSpan();
    this.#isOurs = active === undefined || !isOfRequest(active);
    if (active === undefined || this.#isOurs) {
      const { base, options } = beginning(otel, exchange, settings);
      this.#span = tracer.startSpan(nameOf(exchange), options, base);
      this.#context = otel.trace.setSpan(base, this.#span);
    } else {
      this.#span = active;
      this.#context = otel.context.active();
    }
    this.#span.setAttribute('bulwark.request_id', exchange.id);
    this.#guards = tracer.startSpan('bulwark.guards', { kind: INTERNAL }, this.#context);
    const { traceId, spanId, traceFlags, traceState } = this.#span.spanContext();
    this.place = /^0*$/.test(traceId) ? undefined : { traceId, spanId, flags: traceFlags };
    const state = traceState?.serialize();
    this.state = state === '' ? undefined : state;
  }

  /** Runs the guards in their span, so that what a store does for them stands below it. */
  decide(run: () => MaybePromise<Verdict>): MaybePromise<Verdict> {
    const verdict = this.#otel.context.with(this.#otel.trace.setSpan(this.#context, this.#guards), run);
    if (verdict instanceof Promise)
      return verdict.then((later) => {
        this.#decided(later);
        return later;
      });
    this.#decided(verdict);
    return verdict;
  }

  note(guard: string, status: number, observed: boolean): void {
    if (observed) {
      if (this.#observed.includes(guard)) return;
      this.#observed.push(guard);
      this.#tell('bulwark.observed', this.#observed);
      return;
    }
    // The first no is the one that was answered; those after it are of what still came in.
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.#tell('bulwark.guard', guard);
    // A yes without a handler, such as that to a preflight, is no refusal.
    this.#tell('bulwark.outcome', status < 300 ? 'answered' : 'refused');
  }

  /** Runs what is behind the guards in the span of the request, and what it hears of this and of its answer later. */
  run(next: () => void, request: Carried, response?: object): void {
    if (!this.#isOurs) return next();
    this.#carry(request);
    // Who reads a body goes on in its events, which come from the socket and know no context.
    for (const heard of response === undefined ? [request] : [request, response])
      this.#otel.context.bind(this.#context, heard);
    return this.#otel.context.with(this.#context, next);
  }

  /**
   * As a proxy does: an instrumentation of node:http behind the guards takes its parent from the headers, which would be
   * whatever a client names.
   */
  #carry({ headers }: Carried): void {
    delete headers['tracestate'];
    if (this.place === undefined) return;
    headers['traceparent'] = writeTraceParent(this.place);
    if (this.state !== undefined) headers['tracestate'] = this.state;
  }

  /** The answer is out. A span that somebody else began is theirs to end. */
  end(status: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    unlessItThrows(() => {
      // The client left while a store was asked.
      if (!this.#isDecided) this.#guards.end();
      if (!this.#isOurs) return;
      this.#span.setAttribute('http.response.status_code', status);
      if (status >= 500) this.#span.setStatus({ code: STATUS_ERROR });
      this.#span.end();
    });
  }

  #decided(verdict: Verdict): void {
    if (verdict === undefined) this.#tell('bulwark.outcome', 'passed');
    else if (!this.#isRefused) this.#tell('bulwark.outcome', 'refused');
    this.#isDecided = true;
    if (!this.#isOver) unlessItThrows(() => this.#guards.end());
  }

  #tell(name: string, value: string | string[]): void {
    unlessItThrows(() => {
      this.#span.setAttribute(name, value);
      if (!this.#isDecided) this.#guards.setAttribute(name, value);
    });
  }
}

/**
 * Whether the active span is the request's, made by an instrumentation of node:http. Where a server began to listen within a
 * span, as that of a start-up, its requests have that one for active.
 */
function isOfRequest(span: OtelSpan & { readonly kind?: unknown }): boolean {
  if (span.isRecording()) return span.kind === SERVER;
  const { traceFlags } = span.spanContext();
  // Not recorded, since its trace is not. One that is, and does not record, has ended.
  return (traceFlags & 1) === 0;
}

function beginning(
  otel: OpenTelemetry,
  exchange: Exchange,
  { incoming }: TracesSettings,
): { base: OtelContext; options: OtelSpanOptions } {
  const { request } = exchange;
  const options = { kind: SERVER, attributes: attributesOf(exchange) };
  const base = otel.ROOT_CONTEXT;
  const place = readTraceParent(request.headers['traceparent']);
  if (place === undefined) return { base, options };
  const { traceId, spanId, flags } = place;
  const remote: OtelSpanContext = { traceId, spanId, traceFlags: flags, isRemote: true };
  if (incoming === 'link') return { base, options: { ...options, links: [{ context: remote }] } };
  const state = header(request, 'tracestate');
  const traceState = state === undefined ? {} : { traceState: otel.createTraceState(state) };
  return { base: otel.trace.setSpanContext(base, { ...remote, ...traceState }), options };
}

// Names and values that a client makes up would be as many series in a backend.
const METHODS: ReadonlySet<string> = new Set([
  'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY',
]); // prettier-ignore

function nameOf({ request: { method } }: Exchange): string {
  return METHODS.has(method) ? method : 'HTTP';
}

/** OpenTelemetry's names for HTTP, and of what a client sends no more than the log has: no query, no signature of a link. */
function attributesOf({ request }: Exchange): Record<string, string> {
  const path = request.target.replace(/[?#][^]*$/, '');
  return {
    'http.request.method': METHODS.has(request.method) ? request.method : '_OTHER',
    'url.path': cutForLog(withoutLinkToken(path)),
    'url.scheme': request.encrypted ? 'https' : 'http',
    'network.protocol.version': request.httpVersion,
  };
}
