/** Limits: one per client over everything, held here in memory; tighter ones per route, held in the shared store. */
import type { Exchange } from '../core/exchange.ts';
import type { Guard } from '../core/guard.ts';
import type { KeyRing } from '../core/key-ring.ts';
import type { RouteLimit } from '../core/route-rules.ts';
import type { CounterStore } from '../stores/ports.ts';
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

/**
 * The guard. Runs before anything that asks a store or reads a body: the table in memory stops a flood first, for
 * unknown paths and static files too, then a route's own limit is counted exactly. Whatever the answer, the client
 * is told where it stands by the limit that is nearest to refusing it.
 *
 * @param counters - shared by every process that must count together
 * @param keys - for the names of accounts, which lie in no store in clear
 * @param isForged - whether another site sent this and a later guard will refuse it. It costs its sender the general
 * limit only: a page on another site must not be able to use up its visitor's sign-ins, or anyone's
 */
export function rateGuard(
  settings: LimitsSettings,
  counters: CounterStore,
  keys: KeyRing,
  isForged: (exchange: Exchange) => boolean = never,
): Guard {
  const table = new RateTable(settings.perClient, settings.capacity);
  const routes = new RouteLimiter(counters, keys);
  const policies = new PolicyHeaders(settings);
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
      if (!allowed) {
        return tooManyRequests(retryAfterSeconds(retryAfterMs), { limit: DEFAULT_POLICY, by: 'client' });
      }
      return limit === undefined || isForged(exchange)
        ? undefined
        : routes.check(exchange, limit, { header, remaining });
    },
  };
}

function never(): boolean {
  return false;
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
