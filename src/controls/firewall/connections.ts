/** Open connections, by client. */

/**
 * Counts the connections of each client. Holds one entry for each client that has one open, so that its memory is
 * bounded by `most`. It knows nothing of sockets: the host tells it when it opens and closes one.
 */
export class ConnectionTable {
  readonly #perClient: number;
  readonly #most: number;
  readonly #open = new Map<string, number>();
  #total = 0;

  /**
   * @param perClient - connections one client may have open at once
   * @param most - connections there may be at all
   */
  constructor(perClient: number, most: number) {
    this.#perClient = perClient;
    this.#most = most;
  }

  /** Connections open now. */
  get total(): number {
    return this.#total;
  }

  /** Clients that have one open. */
  get clients(): number {
    return this.#open.size;
  }

  /** Counts a new connection. False: there are too many, and this one was not counted; cut it, and do not `close`. */
  open(key: string): boolean {
    const count = this.#open.get(key) ?? 0;
    if (count >= this.#perClient || this.#total >= this.#most) return false;
    this.#open.set(key, count + 1);
    this.#total += 1;
    return true;
  }

  /** Counts the end of an open connection. Does nothing for a client that has none. */
  close(key: string): void {
    const count = this.#open.get(key);
    if (count === undefined) return;
    if (count === 1) this.#open.delete(key);
    else this.#open.set(key, count - 1);
    this.#total -= 1;
  }
}
