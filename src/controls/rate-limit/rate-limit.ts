/** Limits: one per client over everything, held here in memory; tighter ones per route, held in the shared store. */
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import type { OutgoingHead } from '../../core/head.ts';
import type { HeaderLine } from '../../core/header-line.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import { type MaybePromise, whenReady } from '../../core/maybe-promise.ts';
import type { MetricFamily, MetricSource } from '../../core/metrics.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import type { RouteLimit } from '../../core/route-rules.ts';
import { type Slot, slot } from '../../core/slot.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import type { State } from '../../stores/ports/state.ts';
import type { RateLimitSettings } from './rate-limit.options.ts';
import { GENERAL_POLICY, generalLine, policyLine, policyMember, ROUTE_POLICY } from './rate-headers.ts';
import { RateTable } from './rate-table.ts';
import { RouteLimiter, type ShownLimit } from './route-limit.ts';
import { overGeneral, SharedLimit } from './shared-limit.ts';

/** What else the guards are told. */
export interface RateGuardOptions {
  /**
   * Whether another site sent this and a later guard will refuse it. It costs its sender the general limit only: a page
   * on another site must not be able to use up its visitor's sign-ins, or anyone's.
   */
  readonly isForged?: (exchange: Exchange) => boolean;
  /**
   * Called before the store is asked anything: begins what later guards will ask it, so that all of it is one trip over
   * the network.
   */
  readonly ahead?: (exchange: Exchange) => void;
  /**
   * Whether what follows on the connection cannot be told from the next request. The general limit refuses before the
   * guard that looks for this has its turn, and must not leave such a connection open.
   */
  readonly isBadlyFramed?: (exchange: Exchange) => boolean;
  /**
   * Whether the general limit has nothing to say: a page in development is hundreds of modules, each a request. A route's own limit
   * holds all the same.
   */
  readonly isSpared?: (exchange: Exchange) => boolean;
  /** Whether who asks takes any 4xx for an end, and comes again after a 5xx alone: they are told to wait by a 503. */
  readonly endsAtRefusal?: (exchange: Exchange) => boolean;
}

/** One control in two places: what counts everything, and what counts for a route once it is known. */
export interface RateGuards {
  /**
   * Runs as soon as the client is known: a request that later guards refuse costs the client as
   * much as one that passes, and its answer tells how much of the limit is left. Answers at once.
   */
  readonly general: Guard;
  /** Runs before anything that asks a store or reads a body, and after the guards that refuse without either. */
  readonly routes: Guard;
  /** How full the table is: whoever floods it with addresses is seen here before it has an effect. */
  readonly figures: MetricSource;
}

/** What the general limit found, for the guard of the route's. */
interface Counted extends ShownLimit {
  /** Whether the general limit was passed. Where that is only observed, the route's does not count it too. */
  readonly over: boolean;
  /** What `RateLimit-Policy` says; undefined where the client is not told: a limit that holds nobody up is nothing to go by. */
  policy: HeaderLine | undefined;
  /** What all processes together say of it, where that is still on its way. */
  pending: Promise<Verdict> | undefined;
}

/** Between the two guards. */
const COUNTED: Slot<Counted> = slot();

/**
 * The guards. The table in memory stops a flood first, for unknown paths and static files too, then a route's own limit is
 * counted exactly. Whatever the answer, the client is told where it stands by the limit that is nearest to refusing it.
 *
 * @param state - its counters are shared by every process that must count together
 * @param keys - for the names of accounts, which lie in no store in clear
 */
export function rateGuards(
  settings: RateLimitSettings,
  { counters, reach }: Pick<State, 'counters' | 'reach'>,
  keys: KeyRing,
  {
    isForged = never,
    ahead = nothing,
    isBadlyFramed = never,
    endsAtRefusal = never,
    isSpared = never,
  }: RateGuardOptions = {},
): RateGuards {
  const table = new RateTable(settings.perClient, settings.capacity);
  const limiter = new RouteLimiter(counters, keys);
  const policies = new PolicyHeaders(settings);
  const checkAll = (exchange: Exchange, limit: RouteLimit, shown: ShownLimit): MaybePromise<Verdict> => {
    const first = limiter.check(exchange, limit, shown);
    const { furtherLimits } = exchange.rules;
    if (furtherLimits === undefined) return first;
    return furtherLimits.reduce<MaybePromise<Verdict>>(
      (before, further) => whenReady(before, (refusal) => refusal ?? limiter.check(exchange, further, shown)),
      first,
    );
  };
  const tells = settings.mode === 'enforce';
  const { count } = settings.perClient;
  // Made anew: a route's limit writes over it.
  const uncounted = (): Counted => ({
    remaining: count,
    line: generalLine(count, 0),
    over: false,
    policy: undefined,
    pending: undefined,
  });
  const shared = reach === 'process' ? undefined : new SharedLimit(table, counters);

  const countGeneral = (exchange: Exchange): Verdict => {
    if (isSpared(exchange)) {
      exchange.set(COUNTED, uncounted());
      return undefined;
    }
    const { allowed, remaining, retryAfterMs, resetAfterMs } = table.take(exchange.client.key, exchange.now);
    const counted: Counted = {
      remaining,
      line: generalLine(remaining, allowed ? resetAfterMs : retryAfterMs),
      over: !allowed,
      policy: tells ? policies.general : undefined,
      pending: undefined,
    };
    exchange.set(COUNTED, counted);
    if (!allowed) return refuse(exchange, overGeneral(retryAfterMs));
    const due = shared === undefined ? 0 : table.due;
    if (due > 0) ahead(exchange);
    const together = shared?.pass(exchange, due, counted);
    if (together === undefined) return undefined;
    if (!(together instanceof Promise)) return refuse(exchange, together);
    counted.pending = together;
    return undefined;
  };
  const refuse = (exchange: Exchange, refusal: Refusal): Refusal => {
    const told = endsAtRefusal(exchange) ? asOutage(refusal) : refusal;
    return isBadlyFramed(exchange) ? { ...told, close: true } : told;
  };

  const countRoute = (exchange: Exchange): MaybePromise<Verdict> =>
    endsAtRefusal(exchange)
      ? whenReady(judgeRoute(exchange), (refusal) => refusal && asOutage(refusal))
      : judgeRoute(exchange);
  const judgeRoute = (exchange: Exchange): MaybePromise<Verdict> => {
    const counted = exchange.get(COUNTED);
    const { limit } = exchange.rules;
    if (counted === undefined || counted.over) return undefined;
    if (limit === undefined) return counted.pending;
    if (counted.policy !== undefined) counted.policy = policies.of(limit);
    if (isForged(exchange)) return counted.pending;
    ahead(exchange);
    const tighter = checkAll(exchange, limit, counted);
    return whenReady(counted.pending, (refusal) => refusal ?? tighter);
  };
  return {
    general: { name: 'rate-limit', mode: settings.mode, onRequest: countGeneral, onResponse: tellLimits },
    routes: { name: 'rate-limit', mode: settings.mode, onRequest: countRoute },
    figures: () => tableFigures(table),
  };
}

/** Tells the client where it stands, with whatever answer. */
function tellLimits(exchange: Exchange, head: OutgoingHead): void {
  const counted = exchange.get(COUNTED);
  if (counted?.policy === undefined || head.part !== 'answer') return;
  put(head, counted.policy);
  put(head, counted.line);
}

function put(head: OutgoingHead, line: HeaderLine): void {
  if (head.getHeader(line.key) === undefined) head.addLine(line);
  else head.setHeader(line.name, line.value);
}

/** The same, as of a server that has no time: with its event, and how long to wait. */
function asOutage(refusal: Refusal): Refusal {
  return { ...refusal, ...PROBLEMS.unavailable };
}

function tableFigures(table: RateTable): readonly MetricFamily[] {
  const { used, blocked } = table.fill(Date.now());
  return [
    {
      name: 'bulwark_limiter_fill_ratio',
      type: 'gauge',
      help: 'Which part of the table of clients is taken: by those that owe something, and by those that are refused.',
      together: 'most',
      samples: [
        [{ clients: 'counted' }, used],
        [{ clients: 'refused' }, blocked],
      ],
    },
    {
      name: 'bulwark_limiter_capacity',
      type: 'gauge',
      help: 'Clients that the table of a process has room for.',
      together: 'most',
      samples: [[{}, table.capacity]],
    },
  ];
}

function never(): boolean {
  return false;
}

function nothing(): void {
  // Nothing later asks the store.
}

/** `RateLimit-Policy`, built once for the general limit and once for each route that adds its own. */
class PolicyHeaders {
  readonly general: HeaderLine;
  readonly #member: string;
  readonly #byRoute = new WeakMap<RouteLimit, HeaderLine>();

  constructor(settings: RateLimitSettings) {
    this.#member = policyMember(GENERAL_POLICY, settings.perClient);
    this.general = policyLine(this.#member);
  }

  of(limit: RouteLimit): HeaderLine {
    let header = this.#byRoute.get(limit);
    if (header === undefined) {
      header = policyLine(this.#member, policyMember(ROUTE_POLICY, limit.rate));
      this.#byRoute.set(limit, header);
    }
    return header;
  }
}
