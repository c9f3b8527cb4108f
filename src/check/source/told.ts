/** What was not looked at, for the report. */
import { shownPath } from './source-file.ts';
import type { NotLooked } from './walk-tree.ts';

/** A tree of a hundred thousand links is told of by a few of them. */
const MOST_TOLD = 1000;

/** Notes what was not looked at: each once, and as many as a report can carry. */
export class Told {
  readonly #known = new Map<string, NotLooked>();
  #more = 0;

  add({ path, why }: NotLooked): void {
    const shown = shownPath(path);
    if (this.#known.has(shown)) return;
    if (this.#known.size < MOST_TOLD) this.#known.set(shown, { path: shown, why });
    else this.#more += 1;
  }

  get all(): readonly NotLooked[] {
    const more = this.#more === 0 ? [] : [{ path: '...', why: `and ${this.#more} more` }];
    return [...this.#known.values(), ...more];
  }
}
