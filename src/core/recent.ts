/** What one process has made lately, of so many things at most: what was not asked for the longest goes first. */

/** Things by their names. */
export class Recent<Value> {
  readonly #kept = new Map<string, Value>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** The one of a name: made where it is not at hand. What throws is not kept. */
  of(name: string, make: (name: string) => Value): Value {
    const known = this.#kept.get(name);
    if (known !== undefined) {
      this.#kept.delete(name);
      this.#kept.set(name, known);
      return known;
    }
    const made = make(name);
    this.#kept.set(name, made);
    if (this.#kept.size > this.#most) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    return made;
  }
}
