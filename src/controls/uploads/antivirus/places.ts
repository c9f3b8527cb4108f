/** A few at once, and a bounded number that waits: a scanner that is given a hundred streams answers none of them. */
export class Places {
  #free: number;
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number, waiting: number) {
    this.#free = atOnce;
    this.#most = waiting;
  }

  /** @returns what gives the place back; undefined where too many wait already */
  async enter(): Promise<(() => void) | undefined> {
    if (this.#free === 0) {
      if (this.#waiting.length >= this.#most) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    } else this.#free -= 1;
    return () => {
      const next = this.#waiting.shift();
      // The place goes to who waited longest, and is never free in between.
      if (next === undefined) this.#free += 1;
      else next();
    };
  }
}
