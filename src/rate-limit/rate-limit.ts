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
      if (due > 0 || route !== undefined) ahead(exchange);
      const general = shared?.pass(exchange, due, header);
      if (general === undefined && route === undefined) return undefined;
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

/** Reports of one client that are under way, one after the other. */
interface UnderWay {
  /** Resolves when the last one has been answered. */
  done: Promise<void>;
  /** Requests let through since the first one left. */
  passes: number;
}

/**
 * The general limit over all processes that share a store. Each lets through by its own table, and tells the store of its
 * passes a batch at a time: of P processes together at most the limit and P batches get through. While a report is under
 * way, one more batch passes; what is asked beyond that waits for the answer, or a burst would be over before it came.
 */
class SharedLimit {
  readonly #table: RateTable;
  readonly #counters: CounterStore;
  readonly #underWay = new Map<string, UnderWay>();

  constructor(table: RateTable, counters: CounterStore) {
    this.#table = table;
    this.#counters = counters;
  }

  /**
   * Counts a request that the table let through. Refuses where all processes together have let through more than the
   * limit already.
   *
   * @param due - passes to report, this one among them, or 0
   */
  pass({ client, now }: Exchange, due: number, header: HeaderPair): MaybePromise<Verdict> {
    const { key } = client;
    const underWay = this.#underWay.size === 0 ? undefined : this.#underWay.get(key);
    if (underWay === undefined) return due === 0 ? undefined : this.#report(key, due, now, header);
    underWay.passes += 1;
    if (due > 0) this.#chain(key, underWay, async () => this.#debit(key, due, now));
    if (underWay.passes < this.#table.batch) return undefined;
    return underWay.done.then(() => this.#judge(key, now, header));
  }

  #report(key: string, due: number, now: number, header: HeaderPair): MaybePromise<Verdict> {
    const debited = this.#debit(key, due, now);
    if (!(debited instanceof Promise)) return this.#judge(key, now, header);
    const underWay: UnderWay = { done: Promise.resolve(), passes: 0 };
    this.#underWay.set(key, underWay);
    this.#chain(key, underWay, () => debited);
    return underWay.done.then(() => this.#judge(key, now, header));
  }

  #chain(key: string, underWay: UnderWay, step: () => Promise<void>): void {
    const done = underWay.done.then(step);
    underWay.done = done;
    void done.then(() => {
      if (underWay.done === done) this.#underWay.delete(key);
    });
  }

  /** Tells the store, and learns what all others have told it. */
  #debit(key: string, count: number, now: number): MaybePromise<void> {
    const learn = (debtMs: number): void => this.#table.owe(key, debtMs, now);
    try {
      const debt = this.#counters.debit(`rate/${DEFAULT_POLICY}/${key}`, this.#table.rate, count, now);
      // A store that is gone: this process counts for itself until it is back, as it does between two reports.
      return debt instanceof Promise ? debt.then(learn, nothing) : learn(debt);
    } catch {
      return undefined;
    }
  }

  #judge(key: string, now: number, header: HeaderPair): Verdict {
    const { windowMs, count } = this.#table.rate;
    const debtMs = this.#table.debt(key, now);
    // The request itself is in the debt; the next one would need room too.
    if (debtMs - windowMs <= SLACK_MS) return undefined;
    const retryAfterMs = debtMs - windowMs + windowMs / count;
    header[1] = limitMember(DEFAULT_POLICY, 0, retryAfterMs);
    return overGeneral(retryAfterMs);
  }
}

/** As in core/gcra.ts. */
const SLACK_MS = 1e-6;

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
