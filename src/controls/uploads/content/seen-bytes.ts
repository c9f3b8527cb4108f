/** What is kept of a file while it goes by: its start, its end and its length. */

/** How much of each. The directory of an Office file is at its end, what it says of itself at either one. */
const HEAD = 64 * 1024;
const TAIL = 128 * 1024;

/** The start and the end of a file that nobody holds whole. */
export class SeenBytes {
  /** All of it, as long as it is no longer than what is kept of an end. */
  #start: Buffer[] = [];
  #head: Buffer | undefined;
  /** From then on one place for the end, written round and round: a copy of each piece would be garbage at the next. */
  #ring: Buffer | undefined;
  #at = 0;
  #size = 0;

  add(bytes: Buffer): void {
    const before = this.#size;
    this.#size += bytes.length;
    if (this.#ring === undefined && this.#size <= TAIL) {
      this.#start.push(Buffer.from(bytes));
      return;
    }
    if (this.#ring === undefined) {
      this.#ring = Buffer.allocUnsafe(TAIL);
      const start = Buffer.concat([...this.#start, bytes.subarray(0, Math.max(0, HEAD - before))]);
      this.#head = Buffer.from(start.subarray(0, HEAD));
      this.#turn(start.subarray(0, before));
      this.#start = [];
    }
    this.#turn(bytes);
  }

  get size(): number {
    return this.#size;
  }

  get head(): Buffer {
    return this.#head ?? Buffer.concat(this.#start).subarray(0, HEAD);
  }

  get tail(): Buffer {
    const ring = this.#ring;
    if (ring === undefined) return Buffer.concat(this.#start);
    return Buffer.concat([ring.subarray(this.#at), ring.subarray(0, this.#at)]);
  }

  #turn(bytes: Buffer): void {
    const ring = this.#ring;
    if (ring === undefined) return;
    const last = bytes.subarray(-TAIL);
    const first = last.copy(ring, this.#at);
    last.copy(ring, 0, first);
    this.#at = (this.#at + last.length) % TAIL;
  }
}
