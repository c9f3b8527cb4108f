/** Which cookies of an upstream stay in the vault. */
import { foldCookieName } from '../options/fold-cookie-name.ts';

/** Names of cookies, compared as the most lenient reader behind the gateway does. */
export class CookieNames {
  readonly #exact: ReadonlySet<string>;
  readonly #patterns: readonly (readonly [start: string, end: string])[];

  /** @param names - each may have one `*`, for anything */
  constructor(names: readonly string[]) {
    const folded = names.map(foldCookieName);
    this.#exact = new Set(folded.filter((name) => !name.includes('*')));
    this.#patterns = folded
      .filter((name) => name.includes('*'))
      .map((name) => {
        const [start = '', end = ''] = name.split('*');
        return [start, end] as const;
      });
  }

  /** Whether a name, in whatever spelling, may be taken for one of these. */
  has(name: string): boolean {
    const folded = foldCookieName(name);
    if (this.#exact.has(folded)) return true;
    for (const [start, end] of this.#patterns) {
      const isLong = folded.length >= start.length + end.length;
      if (isLong && folded.startsWith(start) && folded.endsWith(end)) return true;
    }
    return false;
  }
}
