/** What one process remembers for a while, of so many things at most: the oldest is forgotten first. */

/** Marks that end by themselves. */
export class Marks {
  readonly #until = new Map<string, number>();
  readonly #lifeMs: number;
  readonly #most: number;

  constructor(lifeMs: number, most: number) {
    this.#lifeMs = lifeMs;
    this.#most = most;
  }

  /** False: it was set already, and has not ended. It then ends when it would have. */
  set(key: string, now: number): boolean {
    if (this.since(key, now) !== undefined) return false;
    this.#until.delete(key);
    this.#until.set(key, now + this.#lifeMs);
    if (this.#until.size > this.#most) {
      const [oldest] = this.#until.keys();
      if (oldest !== undefined) this.#until.delete(oldest);
    }
    return true;
  }

  /** When it was set. A mark of the future is of a clock that was set back since, and none. */
  since(key: string, now: number): number | undefined {
    const until = this.#until.get(key);
    return until === undefined || until <= now || until - now > this.#lifeMs
      ? undefined
      : until - this.#lifeMs;
  }

  /** As if it had never been set. */
  clear(key: string): void {
    this.#until.delete(key);
  }

  get isEmpty(): boolean {
    return this.#until.size === 0;
  }
}
