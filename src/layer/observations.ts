/** What guards in `observe` would have done to heads: each is counted, and told once for each kind and route. */
import type { AuditLog } from '../audit/audit.ts';
import type { Exchange } from '../core/exchange.ts';
import type { RouteRules } from '../core/route-rules.ts';
import { LAYER_EVENTS } from './layer.events.ts';
import type { GuardCount } from './layer.ts';
import type { Change } from './observed-head.ts';

/** Which head it is: that of the request as an upstream would get it, or that of the answer. */
export type ObservedPlace = 'request' | 'answer';

/** Kinds that are remembered of a route. There are as many as guards know headers; a guard that made them up ends here. */
const MOST_KINDS = 256;

/** Remembers what was told. Routes are those of the policy, however many paths there are: no request makes it grow. */
export class Observations {
  readonly #counts: ReadonlyMap<string, GuardCount>;
  readonly #audit: AuditLog;
  readonly #told = new WeakMap<RouteRules, Set<string>>();

  constructor(counts: ReadonlyMap<string, GuardCount>, audit: AuditLog) {
    this.#counts = counts;
    this.#audit = audit;
  }

  /** Counts a head that a guard would have changed, and tells what of it was not told of this route before. */
  note(exchange: Exchange, guard: string, head: ObservedPlace, changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const count = this.#counts.get(guard);
    if (count !== undefined) count.observed += 1;
    const told = this.#toldOf(exchange.rules);
    const fresh = changes.filter((change) => {
      const key = `${guard} ${head} ${change}`;
      if (told.has(key) || told.size >= MOST_KINDS) return false;
      told.add(key);
      return true;
    });
    if (fresh.length > 0)
      this.#audit.write(LAYER_EVENTS.observed, { guard, observed: true, head, changes: fresh }, exchange);
  }

  #toldOf(rules: RouteRules): Set<string> {
    let told = this.#told.get(rules);
    if (told === undefined) {
      told = new Set();
      this.#told.set(rules, told);
    }
    return told;
  }
}
