/** What is kept of a file while it goes by: its start, its end and its length. */

/** How much of each end is kept: the directory of an Office file is at its end, what it says of itself at either one. */
export const SEEN: Readonly<Record<'archive' | 'other', { readonly head: number; readonly tail: number }>> = {
  archive: { head: 64 * 1024, tail: 128 * 1024 },
  /** Of everything else, where a type is known by: of a thousand uploads at once the rest would be all of the memory. */
  other: { head: 1024, tail: 2048 },
};

/** Readers look for the directory of an archive so far from the end of a file. */
const DIRECTORY = 128 * 1024;

/** The start and the end of a file that nobody holds whole. */
export class SeenBytes {
  readonly #kept: (typeof SEEN)['other'];
  /** All of it, as long as it is no longer than what is kept of an end. */
  #start: Buffer[] = [];
  #head: Buffer | undefined;
  /** From then on one place for the end, written round and round: a copy of each piece would be garbage at the next. */
  #ring: Buffer | undefined;
  #at = 0;
  #size = 0;
  readonly #directory = new LastPlace('PK\u0005\u0006');
  readonly #entry = new LastPlace('PK\u0001\u0002');

  /** @param as - for what it is kept: of an archive, its directory is read */
  constructor(as: 'archive' | 'other') {
    this.#kept = SEEN[as];
  }

  add(bytes: Buffer): void {
    const before = this.#size;
    this.#size += bytes.length;
    this.#directory.look(bytes, before);
    this.#entry.look(bytes, before);
    const { head, tail } = this.#kept;
    if (this.#ring === undefined && this.#size <= tail) {
      this.#start.push(Buffer.from(bytes));
      return;
    }
    if (this.#ring === undefined) {
      this.#ring = Buffer.allocUnsafeSlow(tail);
      const start = Buffer.concat([...this.#start, bytes.subarray(0, Math.max(0, head - before))]);
      this.#head = Buffer.from(start.subarray(0, head));
      this.#turn(start.subarray(0, before));
      this.#start = [];
    }
    this.#turn(bytes);
  }

  get size(): number {
    return this.#size;
  }

  get head(): Buffer {
    return this.#head ?? Buffer.concat(this.#start).subarray(0, this.#kept.head);
  }

  get tail(): Buffer {
    const ring = this.#ring;
    if (ring === undefined) return Buffer.concat(this.#start);
    return Buffer.concat([ring.subarray(this.#at), ring.subarray(0, this.#at)]);
  }

  /**
   * Whether a reader that looks for the end of an archive finds one. Both signs: four bytes alone come up by chance in one of
   * thirty thousand photographs.
   */
  get hasDirectory(): boolean {
    const from = Math.max(0, this.#size - DIRECTORY);
    return this.#directory.place >= from && this.#entry.place >= from;
  }

  #turn(bytes: Buffer): void {
    const ring = this.#ring;
    if (ring === undefined) return;
    const last = bytes.subarray(-ring.length);
    const first = last.copy(ring, this.#at);
    last.copy(ring, 0, first);
    this.#at = (this.#at + last.length) % ring.length;
  }
}

/** Where something stood last, in a file that comes in pieces. */
class LastPlace {
  readonly #sought: Buffer;
  /** The last bytes of the file, in which it may have begun. */
  #end: Buffer = Buffer.alloc(0);
  /** Its first byte, from the start of the file; -1 where there is none. */
  place = -1;

  constructor(sought: string) {
    this.#sought = Buffer.from(sought, 'latin1');
  }

  /** @param before - how much of the file came before */
  look(bytes: Buffer, before: number): void {
    const most = this.#sought.length - 1;
    const across = Buffer.concat([this.#end, bytes.subarray(0, most)]);
    const start = across.lastIndexOf(this.#sought);
    if (start !== -1) this.place = before - this.#end.length + start;
    const found = bytes.lastIndexOf(this.#sought);
    if (found !== -1) this.place = before + found;
    this.#end = Buffer.from((bytes.length < most ? across : bytes).subarray(-most));
  }
}
