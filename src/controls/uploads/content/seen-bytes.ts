/** What is kept of a file while it goes by: its start, its end and its length. */

/** How much of each. The directory of an Office file is at its end, what it says of itself at either one. */
const HEAD = 64 * 1024;
const TAIL = 128 * 1024;

/** The start and the end of a file that nobody holds whole. */
export class SeenBytes {
  #head: Buffer[] = [];
  #headLength = 0;
  #tail: Buffer[] = [];
  #tailLength = 0;
  #size = 0;

  add(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#headLength < HEAD) {
      const part = Buffer.from(bytes.subarray(0, HEAD - this.#headLength));
      this.#head.push(part);
      this.#headLength += part.length;
    }
    const part = Buffer.from(bytes.subarray(-TAIL));
    this.#tail.push(part);
    this.#tailLength += part.length;
    // Whole pieces go, so that none is cut anew at each that comes.
    while (this.#tailLength - (this.#tail[0]?.length ?? 0) >= TAIL)
      this.#tailLength -= this.#tail.shift()?.length ?? 0;
  }

  get size(): number {
    return this.#size;
  }

  get head(): Buffer {
    return Buffer.concat(this.#head);
  }

  get tail(): Buffer {
    return Buffer.concat(this.#tail);
  }
}
