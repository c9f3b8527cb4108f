/** What one entry of the audit log says: when, where, who, what (OWASP Logging Cheat Sheet; ASVS v5.0.0-16.2.1). */
import { types } from 'node:util';
import type { Details, EventKind, EventLevel } from '../core/events.ts';
import { withoutLinkToken } from '../core/link-token.ts';
import { CREDENTIAL, type Exchange, principalOf } from '../core/exchange.ts';
import { networkOf } from './client-network.ts';
import { sessionRef } from '../core/session-ref.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { TRACED } from '../core/traced.ts';
import { readTraceParent } from '../core/trace-parent.ts';

/** One entry. Fields that are unknown are absent. */
export interface AuditEvent {
  /** ISO 8601, UTC, to the millisecond. */
  readonly time: string;
  readonly level: EventLevel;
  /** The name of its kind: those of Bulwark are in docs/events.md, those of the application in its policy. */
  readonly event: string;
  /** Whether what the event tells of was done. A refusal in mode `observe` was: the request passed. */
  readonly outcome: Outcome;
  readonly service: string;
  readonly requestId?: string;
  /**
   * The trace that the request's own span is in, where the process has an OpenTelemetry SDK; else the one that the request
   * says it is part of (`traceparent`): whoever sent it may say anything.
   */
  readonly traceId?: string;
  /** And the span there. */
  readonly spanId?: string;
  /** The client's address, or the network that it is in (`audit.client`). */
  readonly client?: string;
  readonly method?: string;
  /** The request target without its query, which is where tokens lie, and without the signature of a link. Percent-encoded, as it came. */
  readonly path?: string;
  /** Who acted: the account that is signed in or whose token it is, or else the one that `details` name. */
  readonly account?: string;
  /**
   * Tells entries of one session from those of another, and opens or finds nothing: the session that the event is about,
   * as of one that has just begun, or else the one that asked. Where these are two, the one that asked is
   * `details.bySessionRef`.
   */
  readonly sessionRef?: string;
  /** The API token by which the request was made, as its owner's list calls it. Opens nothing. */
  readonly tokenRef?: string;
  readonly status?: number;
  /** The guard that refused, or would have. */
  readonly guard?: string;
  /** Whether that guard enforces. */
  readonly mode?: 'enforce' | 'observe';
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Details by which an entry can be searched stand at its top; the rest stays together below them. */
type Lifted = Pick<AuditEvent, 'status' | 'guard' | 'mode' | 'account' | 'sessionRef'>;

/** Puts an entry together. Reads `details`, which may be anything and may throw; the caller takes that. */
export function makeAuditEvent(
  { name, level, stack }: EventKind,
  now: number,
  service: string,
  details: Details,
  exchange: Exchange | undefined,
  client: 'address' | 'prefix' = 'address',
): AuditEvent {
  const told = stack === true ? withStack(details) : details;
  const facts = exchange === undefined ? undefined : exchangeFacts(exchange, client);
  const { lifted, rest } = liftDetails(told, exchange && principalOf(exchange)?.account, facts?.sessionRef);
  return {
    time: isoTime(now),
    level,
    event: name,
    outcome: outcomeOf(name, lifted.status, lifted.mode === 'observe'),
    service,
    ...facts,
    ...lifted,
    ...(rest === undefined ? undefined : { details: rest }),
  };
}

let second = Number.NaN;
let start = '';

/** ISO 8601. Made once a second, but for its last digits: a flood of events is one of dates, too. */
function isoTime(now: number): string {
  const own = Math.floor(now / 1000);
  if (own !== second) {
    start = new Date(own * 1000).toISOString().slice(0, -4);
    second = own;
  }
  return `${start}${String(Math.floor(now - own * 1000)).padStart(3, '0')}Z`;
}

/** A crash is looked into by its stack, which no other entry needs: it is long. The message is in the error itself. */
function withStack(details: Details): Details {
  const { error } = details;
  if (!types.isNativeError(error) || details['stack'] !== undefined) return details;
  const { stack } = error;
  const frames = typeof stack === 'string' ? stack.search(/^ {4}at /m) : -1;
  return frames === -1 ? details : { ...details, stack: stack?.slice(frames) };
}

function exchangeFacts(exchange: Exchange, shown: 'address' | 'prefix'): Partial<AuditEvent> {
  const { request, session } = exchange;
  const credential = exchange.get(CREDENTIAL);
  return {
    requestId: exchange.id,
    ...traceOf(exchange),
    client: shown === 'address' ? exchange.client.address : networkOf(exchange.client.address),
    method: request.method,
    path: withoutLinkToken(withoutQuery(request.target)),
    ...(session === undefined ? undefined : { sessionRef: sessionRef(session.idHash) }),
    ...(credential === undefined ? undefined : { tokenRef: credential.id }),
  };
}

function traceOf(exchange: Exchange): Pick<AuditEvent, 'traceId' | 'spanId'> | undefined {
  const place = exchange.get(TRACED)?.place ?? readTraceParent(exchange.request.headers['traceparent']);
  return place && { traceId: place.traceId, spanId: place.spanId };
}

function withoutQuery(target: string): string {
  const query = target.search(/[?#]/);
  return query === -1 ? target : target.slice(0, query);
}

function liftDetails(
  details: Details,
  actor: string | undefined,
  ownRef: string | undefined,
): { lifted: Lifted; rest: Details | undefined } {
  const lifted: { -readonly [K in keyof Lifted]: Lifted[K] } = {};
  const rest: Record<string, unknown> = {};
  let count = 0;
  // Nothing is deleted again: an object that has lost a field is a slow one ever after.
  for (const [key, value] of Object.entries(details)) {
    if (key === 'status' && typeof value === 'number') lifted.status = value;
    else if (key === 'guard' && typeof value === 'string') lifted.guard = value;
    else if (key === 'sessionRef' && typeof value === 'string') lifted.sessionRef = value;
    // An account in the details of someone signed in is whom they acted on, and stays there.
    else if (key === 'account' && typeof value === 'string' && actor === undefined) lifted.account = value;
    else {
      if (key === '__proto__') Object.defineProperty(rest, key, { value, enumerable: true });
      else rest[key] = value;
      count += 1;
    }
  }
  if (lifted.guard !== undefined) lifted.mode = rest['observed'] === true ? 'observe' : 'enforce';
  if (lifted.sessionRef !== undefined && ownRef !== undefined && ownRef !== lifted.sessionRef) {
    rest['bySessionRef'] = ownRef;
    count += 1;
  }
  if (actor !== undefined) lifted.account = actor;
  return { lifted, rest: count === 0 ? undefined : rest };
}
