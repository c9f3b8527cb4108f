/**
 * Sessions by the hash of their id. A million of them lie all over the memory of a process, and a look-up in a Map waits for it some
 * eight times: for the entry, the text of its key, the record, and each of its times. Here all that a look-up compares stands in one
 * line of 64 bytes, as long as what a processor fetches at once: the whole key, which ends the session has, and its last use.
 */
import type { SessionRecord } from '../ports/sessions.ts';

/** What finds nothing. */
export const NONE = -1;

/** Characters of SHA-256 in base64url, four to a word; the last word has three. */
const KEY_LENGTH = 43;
const KEY_WORDS = 11;
const LINE_WORDS = 16;
/** In the same line, as numbers of 64 bits. */
const LINE_TIMES = 8;
const ENDS_AT = 6;
const SEEN_AT = 7;
/** Lines are made in pieces of 256 KB, which stay where they are: a table that grows never copies them. */
const PIECE = 4096;
const PIECE_BITS = 12;
const LEAST_PLACES = 64;

/** The records of a store. A place is a whole number, good until the next change. */
export class SessionTable {
  /** By place in the index: the hash of a key and, one higher, the number of its line. At least half of it is empty. */
  #index = new Int32Array(2 * LEAST_PLACES);
  #mask = LEAST_PLACES - 1;
  readonly #words: Int32Array[] = [];
  readonly #times: Float64Array[] = [];
  readonly #records: (SessionRecord | undefined)[] = [];
  readonly #free: number[] = [];
  /** Keys that are no hash, as tests of a store may have. */
  readonly #others = new Map<string, number>();
  readonly #key = new Int32Array(KEY_WORDS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Where a record is, also one that is over; {@link NONE}. */
  placeOf(idHash: string): number {
    if (!this.#read(idHash)) return this.#others.get(idHash) ?? NONE;
    const hash = this.#hash();
    const index = this.#index;
    const mask = this.#mask;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const line = (index[2 * at + 1] ?? 0) - 1;
      if (line < 0) return NONE;
      if (index[2 * at] === hash && this.#isKeyOf(line)) return line;
    }
  }

  /** Whether the record at a place is past one of its ends, as `isOver` says of it. */
  isOver(place: number, now: number): boolean {
    return this.#timeAt(place, ENDS_AT) <= now;
  }

  /** When the record at a place was used last. */
  seenAt(place: number): number {
    return this.#timeAt(place, SEEN_AT);
  }

  /** The record at a place. */
  at(place: number): SessionRecord | undefined {
    return this.#records[place];
  }

  /** Takes a record whose id hash is not there yet. */
  add(record: SessionRecord): void {
    const place = this.#free.pop() ?? this.#records.length;
    if (place >> PIECE_BITS === this.#words.length) this.#addPiece();
    this.put(place, record);
    this.#size += 1;
    if (!this.#read(record.idHash)) {
      this.#others.set(record.idHash, place);
      return;
    }
    const first = (place % PIECE) * LINE_WORDS;
    this.#words[place >> PIECE_BITS]?.set(this.#key, first);
    // After it is read: the words of the key are those of this record, and growing reads none.
    if (2 * this.#size > this.#mask) this.#grow();
    this.#link(this.#hash(), place);
  }

  /** Puts another record of the same id hash in the place of one. */
  put(place: number, record: SessionRecord): void {
    this.#records[place] = record;
    this.#setTime(place, ENDS_AT, Math.min(record.expiresAt, record.seenAt + record.idleMs));
    this.#setTime(place, SEEN_AT, record.seenAt);
  }

  /** Takes out the record at a place, for good: nothing of it is kept, and the place is given to another. */
  remove(place: number): void {
    const record = this.#records[place];
    if (record === undefined) return;
    this.#records[place] = undefined;
    this.#free.push(place);
    this.#size -= 1;
    if (this.#read(record.idHash)) this.#unlink(this.#hash(), place);
    else this.#others.delete(record.idHash);
    // After a flood of sessions its memory is given back.
    if (this.#mask >= LEAST_PLACES && 16 * this.#size < this.#mask) this.#compact();
  }

  /** Id hashes of records that are over, so many at most. */
  over(now: number, most: number): string[] {
    const found: string[] = [];
    for (let place = 0; place < this.#records.length && found.length < most; place += 1) {
      if (!this.isOver(place, now)) continue;
      const record = this.#records[place];
      if (record !== undefined) found.push(record.idHash);
    }
    return found;
  }

  /** Reads a key into words. False: it is no hash, and has others' words. */
  #read(idHash: string): boolean {
    if (idHash.length !== KEY_LENGTH) return false;
    const key = this.#key;
    let all = 0;
    for (let word = 0; word < KEY_WORDS - 1; word += 1) {
      const at = 4 * word;
      const a = idHash.charCodeAt(at);
      const b = idHash.charCodeAt(at + 1);
      const c = idHash.charCodeAt(at + 2);
      const d = idHash.charCodeAt(at + 3);
      all |= a | b | c | d;
      key[word] = a | (b << 8) | (c << 16) | (d << 24);
    }
    const a = idHash.charCodeAt(40);
    const b = idHash.charCodeAt(41);
    const c = idHash.charCodeAt(42);
    key[KEY_WORDS - 1] = a | (b << 8) | (c << 16);
    return (all | a | b | c) < 128;
  }

  /** Of the key that was read. It is a hash already, of an id that the server has made: nobody chooses where it falls. */
  #hash(): number {
    const hash = Math.imul(this.#key[0] ?? 0, 0x9e3779b1) ^ Math.imul(this.#key[1] ?? 0, 0x85ebca6b);
    return hash ^ (hash >>> 15);
  }

  #isKeyOf(line: number): boolean {
    const words = this.#words[line >> PIECE_BITS];
    const key = this.#key;
    const first = (line % PIECE) * LINE_WORDS;
    if (words === undefined) return false;
    for (let word = 0; word < KEY_WORDS; word += 1) if (words[first + word] !== key[word]) return false;
    return true;
  }

  #timeAt(place: number, which: number): number {
    return this.#times[place >> PIECE_BITS]?.[(place % PIECE) * LINE_TIMES + which] ?? Infinity;
  }

  #setTime(place: number, which: number, time: number): void {
    const times = this.#times[place >> PIECE_BITS];
    if (times !== undefined) times[(place % PIECE) * LINE_TIMES + which] = time;
  }

  #addPiece(): void {
    const bytes = new ArrayBuffer(PIECE * LINE_WORDS * 4);
    this.#words.push(new Int32Array(bytes));
    this.#times.push(new Float64Array(bytes));
  }

  #link(hash: number, line: number): void {
    const index = this.#index;
    const mask = this.#mask;
    let at = hash & mask;
    while (index[2 * at + 1] !== 0) at = (at + 1) & mask;
    index[2 * at] = hash;
    index[2 * at + 1] = line + 1;
  }

  /** Whatever stands behind moves up as far as it may: an empty place ends every look-up. */
  #unlink(hash: number, line: number): void {
    const index = this.#index;
    const mask = this.#mask;
    let hole = hash & mask;
    while (index[2 * hole + 1] !== line + 1) hole = (hole + 1) & mask;
    for (let next = (hole + 1) & mask; index[2 * next + 1] !== 0; next = (next + 1) & mask) {
      const home = (index[2 * next] ?? 0) & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      index[2 * hole] = index[2 * next] ?? 0;
      index[2 * hole + 1] = index[2 * next + 1] ?? 0;
      hole = next;
    }
    index[2 * hole + 1] = 0;
  }

  #grow(): void {
    const before = this.#index;
    this.#mask = 2 * this.#mask + 1;
    this.#index = new Int32Array(2 * (this.#mask + 1));
    for (let at = 0; at < before.length; at += 2) {
      const line = (before[at + 1] ?? 0) - 1;
      if (line >= 0) this.#link(before[at] ?? 0, line);
    }
  }

  #compact(): void {
    const kept = this.#records.filter((record) => record !== undefined);
    for (const all of [this.#records, this.#words, this.#times, this.#free]) all.length = 0;
    this.#others.clear();
    this.#size = 0;
    this.#mask = LEAST_PLACES - 1;
    this.#index = new Int32Array(2 * LEAST_PLACES);
    for (const record of kept) this.add(record);
  }
}
