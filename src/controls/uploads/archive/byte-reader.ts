/** Reads a stream of bytes by lengths that what was read before tells. */
import { ArchiveFault } from './archive-fault.ts';

const EMPTY = Buffer.alloc(0);

/** Over pieces of any length: holds one of them, and what is asked for. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Buffer = EMPTY;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /**
   * The next bytes, as one piece.
   *
   * @throws ArchiveFault `broken` where there are fewer
   */
  async take(length: number): Promise<Buffer> {
    if (this.#held.length >= length) return this.#cut(length);
    const parts: Buffer[] = [];
    let missing = length;
    for await (const part of this.stream(length)) {
      parts.push(part);
      missing -= part.length;
    }
    return missing === 0 ? Buffer.concat(parts, length) : EMPTY;
  }

  /**
   * The next bytes, in pieces.
   *
   * @throws ArchiveFault `broken` where there are fewer
   */
  async *stream(length: number): AsyncGenerator<Buffer, void, void> {
    let left = length;
    while (left > 0) {
      if (this.#held.length === 0) await this.#fill();
      const part = this.#cut(Math.min(left, this.#held.length));
      left -= part.length;
      yield part;
    }
  }

  /** Nothing more is read. */
  async end(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #fill(): Promise<void> {
    const next = await this.#pieces.next();
    if (next.done === true) throw new ArchiveFault('broken');
    this.#held = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
  }

  #cut(length: number): Buffer {
    const cut = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return cut;
  }
}
