/** Limits: one per client over everything, held here in memory; tighter ones per route, held in the shared store. */
import type { Exchange } from '../core/exchange.ts';
import type { Guard } from '../core/guard.ts';
import type { KeyRing } from '../core/key-ring.ts';
import { type MaybePromise, whenReady } from '../core/maybe-promise.ts';
import type { RouteLimit } from '../core/route-rules.ts';
import type { Verdict } from '../core/verdict.ts';
import type { State } from '../stores/ports.ts';
import type { LimitsSettings } from './limits.options.ts';
import { type HeaderPair, limitMember, policyHeader, policyMember } from './rate-headers.ts';
import { RateTable } from './rate-table.ts';
import { ROUTE_POLICY, RouteLimiter, type ShownLimit } from './route-limit.ts';
import { GENERAL_POLICY, overGeneral, SharedLimit } from './shared-limit.ts';

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
  const checkAll = (exchange: Exchange, limit: RouteLimit, shown: ShownLimit): MaybePromise<Verdict> => {
    const first = routes.check(exchange, limit, shown);
    const { furtherLimits } = exchange.rules;
    if (furtherLimits === undefined) return first;
    return furtherLimits.reduce<MaybePromise<Verdict>>(
      (before, further) => whenReady(before, (refusal) => refusal ?? routes.check(exchange, further, shown)),
      first,
    );
  };
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
        limitMember(GENERAL_POLICY, remaining, allowed ? resetAfterMs : retryAfterMs),
      ];
      exchange.extraHeaders.push(policies.for(limit), header);
      if (!allowed) return overGeneral(retryAfterMs);
      const route = limit === undefined || isForged(exchange) ? undefined : limit;
      const due = shared === undefined ? 0 : table.due;
      if (due > 0 || route !== undefined) ahead(exchange);
      const general = shared?.pass(exchange, due, header);
      if (general === undefined && route === undefined) return undefined;
      const tighter = route === undefined ? undefined : checkAll(exchange, route, { header, remaining });
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

/** `RateLimit-Policy`, built once for the general limit and once for each route that adds its own. */
class PolicyHeaders {
  readonly #general: string;
  readonly #generalHeader: HeaderPair;
  readonly #byRoute = new WeakMap<RouteLimit, HeaderPair>();

  constructor(settings: LimitsSettings) {
    this.#general = policyMember(GENERAL_POLICY, settings.perClient);
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
