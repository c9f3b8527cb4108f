/** Limits: one per client over everything, held here in memory; tighter ones per route, held in the shared store. */
import type { Exchange } from '../core/exchange.ts';
import type { Guard } from '../core/guard.ts';
import type { KeyRing } from '../core/key-ring.ts';
import { type MaybePromise, whenReady } from '../core/maybe-promise.ts';
import type { RouteLimit } from '../core/route-rules.ts';
import type { Refusal, Verdict } from '../core/verdict.ts';
import type { CounterStore, State } from '../stores/ports.ts';
import type { LimitsSettings } from './limits.options.ts';
import {
  type HeaderPair,
  limitMember,
  policyHeader,
  policyMember,
  retryAfterSeconds,
} from './rate-headers.ts';
import { RateTable } from './rate-table.ts';
import { ROUTE_POLICY, RouteLimiter } from './route-limit.ts';
import { tooManyRequests } from './too-many-requests.ts';

/** The name of the general limit in the `RateLimit` fields and in the log. */
const DEFAULT_POLICY = 'default';

/** What else the guard is told. */
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
}

/**
 * The guard. Runs before anything that asks a store or reads a body: the table in memory stops a flood first, for
 * unknown paths and static files too, then a route's own limit is counted exactly. Whatever the answer, the client
 * is told where it stands by the limit that is nearest to refusing it.
 *
 * @param state - its counters are shared by every process that must count together
 * @param keys - for the names of accounts, which lie in no store in clear
 */
export function rateGuard(
  settings: LimitsSettings,
  { counters, reach }: Pick<State, 'counters' | 'reach'>,
  keys: KeyRing,
  { isForged = never, ahead = nothing }: RateGuardOptions = {},
): Guard {
  const table = new RateTable(settings.perClient, settings.capacity);
  const routes = new RouteLimiter(counters, keys);
  const policies = new PolicyHeaders(settings);
  const shared = reach === 'process' ? undefined : new SharedLimit(table, counters);
  return {
    name: 'rate',
    mode: settings.mode,
    onRequest(exchange) {
      const { allowed, remaining, retryAfterMs, resetAfterMs } = table.take(
        exchange.client.key,
        exchange.now,
      );
      const limit = exchange.rules.limit;
      const header: HeaderPair = [
        'RateLimit',
        limitMember(DEFAULT_POLICY, remaining, allowed ? resetAfterMs : retryAfterMs),
      ];
      exchange.extraHeaders.push(policies.for(limit), header);
      if (!allowed) return overGeneral(retryAfterMs);
      const route = limit === undefined || isForged(exchange) ? undefined : limit;
      const due = shared === undefined ? 0 : table.due;
      if (due === 0 && route === undefined) return undefined;
      ahead(exchange);
      const general = due === 0 ? undefined : shared?.report(exchange, due, header);
      const tighter = route === undefined ? undefined : routes.check(exchange, route, { header, remaining });
      return whenReady(general, (refusal) => refusal ?? tighter);
    },
  };
}

function never(): boolean {
  return false;
}

function nothing(): void {
  // Nothing later asks the store.
}

function overGeneral(retryAfterMs: number): Refusal {
  return tooManyRequests(retryAfterSeconds(retryAfterMs), { limit: DEFAULT_POLICY, by: 'client' });
}

/**
 * The general limit over all processes that share a store. Each lets through by its own table, and tells the store of its
 * passes a batch at a time: of P processes together at most the limit and P batches get through.
 */
class SharedLimit {
  readonly #table: RateTable;
  readonly #counters: CounterStore;

  constructor(table: RateTable, counters: CounterStore) {
    this.#table = table;
    this.#counters = counters;
  }

  /** Reports passes of a client. Refuses where all processes together have let through more than the limit already. */
  report({ client, now }: Exchange, count: number, header: HeaderPair): MaybePromise<Verdict> {
    const learn = (debtMs: number): Verdict => this.#learn(client.key, debtMs, now, header);
    try {
      const debt = this.#counters.debit(`rate/${DEFAULT_POLICY}/${client.key}`, this.#table.rate, count, now);
      // A store that is gone: this process counts for itself until it is back, as it does between two reports.
      return debt instanceof Promise ? debt.then(learn, noVerdict) : learn(debt);
    } catch {
      return undefined;
    }
  }

  #learn(key: string, debtMs: number, now: number, header: HeaderPair): Verdict {
    this.#table.owe(key, debtMs, now);
    const { windowMs, count } = this.#table.rate;
    // The request itself is in the debt; the next one would need room too.
    if (debtMs - windowMs <= SLACK_MS) return undefined;
    const retryAfterMs = debtMs - windowMs + windowMs / count;
    header[1] = limitMember(DEFAULT_POLICY, 0, retryAfterMs);
    return overGeneral(retryAfterMs);
  }
}

/** As in core/gcra.ts. */
const SLACK_MS = 1e-6;

function noVerdict(): undefined {
  // The table has the say.
}

/** `RateLimit-Policy`, built once for the general limit and once for each route that adds its own. */
class PolicyHeaders {
  readonly #general: string;
  readonly #generalHeader: HeaderPair;
  readonly #byRoute = new WeakMap<RouteLimit, HeaderPair>();

  constructor(settings: LimitsSettings) {
    this.#general = policyMember(DEFAULT_POLICY, settings.perClient);
    this.#generalHeader = policyHeader(this.#general);
  }

  for(limit: RouteLimit | undefined): HeaderPair {
    if (limit === undefined) return this.#generalHeader;
    let header = this.#byRoute.get(limit);
    if (header === undefined) {
      header = policyHeader(this.#general, policyMember(ROUTE_POLICY, limit.rate));
      this.#byRoute.set(limit, header);
    }
    return header;
  }
}
