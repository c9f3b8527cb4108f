/** What is told once for each kind and route: requests that come again must not fill the log. */
import type { RouteRules } from './route-rules.ts';

/** Kinds that are remembered of a route. There are as many as guards know headers. */
const MOST_KINDS = 256;

/** Remembers it. Routes are those of the policy, however many paths there are: no request makes it grow. */
export class ToldOnce {
  readonly #told = new WeakMap<RouteRules, Set<string>>();

  /** Whether it was not told of these rules before; from now on it was. */
  isNew(rules: RouteRules, kind: string): boolean {
    let told = this.#told.get(rules);
    if (told === undefined) {
      told = new Set();
      this.#told.set(rules, told);
    }
    if (told.has(kind) || told.size >= MOST_KINDS) return false;
    told.add(kind);
    return true;
  }
}
