/**
 * Sessions by the hash of their id. A million of them lie all over the memory of a process, and a look-up in a Map waits for it some
 * eight times: for the entry, the text of its key, the record, and each of its times. Here all that a look-up compares stands in one
 * line of 64 bytes, as long as what a processor fetches at once: the whole key, which ends the session has, and its last use. And the
 * record stands by its place, not by its line: so the processor waits for both at once, and for neither after the other.
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
/** The first word of a key that is no hash: no four characters of ASCII. */
const OTHER = -1;

/** The records of a store. A place is a whole number, good until the next change. */
export class SessionTable {
  /** By place: the hash of a key and, one higher, the number of its line. */
  #index = new Int32Array(2 * LEAST_PLACES);
  /** By place, at least half of which are empty: so that the wait for a record begins with that for the index. */
  #records = emptyPlaces(LEAST_PLACES);
  #mask = LEAST_PLACES - 1;
  readonly #words: Int32Array[] = [];
  readonly #times: Float64Array[] = [];
  /** By line: the key, by which a sweep finds it. */
  readonly #keys: (string | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #key = new Int32Array(KEY_WORDS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Where a record is, also one that is over; {@link NONE}. */
  placeOf(idHash: string): number {
    this.#read(idHash);
    const hash = this.#hash();
    const index = this.#index;
    const records = this.#records;
    const mask = this.#mask;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const record = records[at];
      if (record === undefined) return NONE;
      if (index[2 * at] !== hash) continue;
      // Versions count from one. It is read so that what the caller will read is waited for together with the line.
      if (record.version >= 0 && this.#isKeyOf(index[2 * at + 1] ?? 0, idHash)) return at;
    }
  }

  /** Whether the record at a place is past one of its ends, as `isOver` says of it. */
  isOver(place: number, now: number): boolean {
    return this.#timeAt(this.#lineAt(place), ENDS_AT) <= now;
  }

  /** When the record at a place was used last. */
  seenAt(place: number): number {
    return this.#timeAt(this.#lineAt(place), SEEN_AT);
  }

  /** The record at a place. */
  at(place: number): SessionRecord | undefined {
    return this.#records[place];
  }

  /** Takes a record whose id hash is not there yet. */
  add(record: SessionRecord): void {
    if (2 * (this.#size + 1) > this.#mask) this.#grow();
    const line = this.#free.pop() ?? this.#keys.length;
    if (line >> PIECE_BITS === this.#words.length) this.#addPiece();
    this.#read(record.idHash);
    this.#words[line >> PIECE_BITS]?.set(this.#key, (line % PIECE) * LINE_WORDS);
    this.#keys[line] = record.idHash;
    this.#size += 1;
    this.put(this.#link(this.#hash(), line, record), record);
  }

  /** Puts another record of the same id hash in the place of one. */
  put(place: number, record: SessionRecord): void {
    const line = this.#lineAt(place);
    this.#records[place] = record;
    this.#setTime(line, ENDS_AT, Math.min(record.expiresAt, record.seenAt + record.idleMs));
    this.#setTime(line, SEEN_AT, record.seenAt);
  }

  /** Takes out the record at a place, for good: nothing of it is kept, and the place is given to another. */
  remove(place: number): void {
    if (this.#records[place] === undefined) return;
    const line = this.#lineAt(place);
    this.#keys[line] = undefined;
    this.#free.push(line);
    this.#size -= 1;
    this.#unlink(place);
    // After a flood of sessions its memory is given back.
    if (this.#mask >= LEAST_PLACES && 16 * this.#size < this.#mask) this.#compact();
  }

  /** Id hashes of records that are over, so many at most. */
  over(now: number, most: number): string[] {
    const found: string[] = [];
    for (let line = 0; line < this.#keys.length && found.length < most; line += 1) {
      if (this.#timeAt(line, ENDS_AT) > now) continue;
      const key = this.#keys[line];
      if (key !== undefined) found.push(key);
    }
    return found;
  }

  /** Reads a key into words. The first word of one that is no hash, as tests of a store may have, is {@link OTHER}. */
  #read(idHash: string): void {
    const key = this.#key;
    if (idHash.length !== KEY_LENGTH) return this.#readOther(idHash);
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
    if ((all | a | b | c) >= 128) this.#readOther(idHash);
  }

  #readOther(idHash: string): void {
    this.#key.fill(0);
    this.#key[0] = OTHER;
    for (let at = 0; at < idHash.length; at += 1)
      this.#key[1] = Math.imul(this.#key[1] ?? 0, 31) + idHash.charCodeAt(at);
  }

  /** Of the key that was read. It is a hash already, of an id that the server has made: nobody chooses where it falls. */
  #hash(): number {
    const hash = Math.imul(this.#key[0] ?? 0, 0x9e3779b1) ^ Math.imul(this.#key[1] ?? 0, 0x85ebca6b);
    return hash ^ (hash >>> 15);
  }

  #isKeyOf(line: number, idHash: string): boolean {
    const words = this.#words[line >> PIECE_BITS];
    const key = this.#key;
    const first = (line % PIECE) * LINE_WORDS;
    if (words === undefined) return false;
    for (let word = 0; word < KEY_WORDS; word += 1) if (words[first + word] !== key[word]) return false;
    return key[0] !== OTHER || this.#keys[line] === idHash;
  }

  #lineAt(place: number): number {
    return this.#index[2 * place + 1] ?? 0;
  }

  #timeAt(line: number, which: number): number {
    return this.#times[line >> PIECE_BITS]?.[(line % PIECE) * LINE_TIMES + which] ?? Infinity;
  }

  #setTime(line: number, which: number, time: number): void {
    const times = this.#times[line >> PIECE_BITS];
    if (times !== undefined) times[(line % PIECE) * LINE_TIMES + which] = time;
  }

  #addPiece(): void {
    const bytes = new ArrayBuffer(PIECE * LINE_WORDS * 4);
    this.#words.push(new Int32Array(bytes));
    this.#times.push(new Float64Array(bytes));
  }

  /** Returns the place. */
  #link(hash: number, line: number, record: SessionRecord): number {
    const records = this.#records;
    const mask = this.#mask;
    let at = hash & mask;
    while (records[at] !== undefined) at = (at + 1) & mask;
    this.#set(at, hash, line, record);
    return at;
  }

  #set(at: number, hash: number, line: number, record: SessionRecord | undefined): void {
    this.#index[2 * at] = hash;
    this.#index[2 * at + 1] = line;
    this.#records[at] = record;
  }

  /** Whatever stands behind moves up as far as it may: an empty place ends every look-up. */
  #unlink(place: number): void {
    const index = this.#index;
    const mask = this.#mask;
    let hole = place;
    for (let next = (hole + 1) & mask; this.#records[next] !== undefined; next = (next + 1) & mask) {
      const hash = index[2 * next] ?? 0;
      if (((next - hash) & mask) < ((next - hole) & mask)) continue;
      this.#set(hole, hash, this.#lineAt(next), this.#records[next]);
      hole = next;
    }
    this.#records[hole] = undefined;
  }

  #grow(): void {
    const index = this.#index;
    const records = this.#records;
    this.#empty(2 * records.length);
    for (let at = 0; at < records.length; at += 1) {
      const record = records[at];
      if (record !== undefined) this.#link(index[2 * at] ?? 0, index[2 * at + 1] ?? 0, record);
    }
  }

  #compact(): void {
    const kept = this.#records.filter((record) => record !== undefined);
    for (const all of [this.#keys, this.#words, this.#times, this.#free]) all.length = 0;
    this.#size = 0;
    this.#empty(LEAST_PLACES);
    for (const record of kept) this.add(record);
  }

  #empty(places: number): void {
    this.#mask = places - 1;
    this.#index = new Int32Array(2 * places);
    this.#records = emptyPlaces(places);
  }
}

function emptyPlaces(count: number): (SessionRecord | undefined)[] {
  // oxlint-disable-next-line unicorn/no-new-array -- Array.from takes ten times as long for a million, and everybody waits meanwhile
  return new Array<SessionRecord | undefined>(count).fill(undefined);
}
