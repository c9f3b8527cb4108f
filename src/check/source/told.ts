/** What was not looked at, for the report. */
import { shownPath } from './source-file.ts';
import type { LeftOut } from '../report/report.ts';
import type { NotLooked } from './walk-tree.ts';

/** A tree of a hundred thousand links is told of by a few of them. */
const MOST_TOLD = 1000;
const MOST_PATHS = 20;

/** Notes what was not looked at: each once, and as many as a report can carry. */
export class Told {
  readonly #known = new Map<string, NotLooked>();
  readonly #counts = new Map<string, number>();
  #more = 0;

  add({ path, why }: NotLooked): void {
    const shown = shownPath(path);
    if (this.#known.has(shown)) return;
    this.#counts.set(why, (this.#counts.get(why) ?? 0) + 1);
    if (this.#known.size < MOST_TOLD) this.#known.set(shown, { path: shown, why });
    else this.#more += 1;
  }

  /** By why, with a few paths of each: a link in each of a thousand folders fills no screen. */
  get report(): readonly LeftOut[] {
    return [...this.#counts].map(([why, count]) => ({
      why,
      count,
      paths: [...this.#known.values()]
        .flatMap((one) => (one.why === why ? [one.path] : []))
        .slice(0, MOST_PATHS),
    }));
  }

  get all(): readonly NotLooked[] {
    const more = this.#more === 0 ? [] : [{ path: '...', why: `and ${this.#more} more` }];
    return [...this.#known.values(), ...more];
  }
}
