/** Parts of a text that outlive it. */

/** V8 makes a part of this length or more a view of the whole: a name that is kept would keep the file that it stands in. */
const VIEWED = 13;

/** The same text, of which nothing else is kept. */
export function ownCopy(part: string): string {
  return part.length < VIEWED ? part : Buffer.from(part).toString();
}

const MOST_NAMES = 20_000;

/** The same, where it comes again and again: one copy for all. */
export class OwnNames {
  readonly #known = new Map<string, string>();

  of(name: string): string {
    if (name.length < VIEWED) return name;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size === MOST_NAMES) this.#known.clear();
    const own = ownCopy(name);
    this.#known.set(own, own);
    return own;
  }
}
