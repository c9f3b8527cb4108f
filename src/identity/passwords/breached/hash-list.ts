/**
 * Published lists of breached passwords: a SHA-1 in hex on each line, and how often it was seen behind a colon. Read
 * byte by byte as it comes, since such a list has a billion lines; anything else is refused with its line.
 */
import { BulwarkError } from '../../../core/errors.ts';

const HASH_DIGITS = 40;
const NTLM_DIGITS = 32;
const SHA256_DIGITS = 64;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const COLON = 58;
const MAX_COUNT_DIGITS = 15;
/** What is longer and has no line break is no line of such a list, and is not waited for. */
const LONGEST_LINE = 128;

/** Reads a list in pieces of any size. */
export class HashListReader {
  /** Lines read. */
  lines = 0;
  readonly #take: (sha1: Uint8Array) => void;
  readonly #atLeast: number;
  readonly #hash = new Uint8Array(HASH_DIGITS / 2);
  #rest: Uint8Array = new Uint8Array(0);

  /**
   * @param atLeast - leaves out what was seen less often; lines without a count are always taken
   * @param take - is given each hash, in one buffer that is used again for the next
   */
  constructor(atLeast: number, take: (sha1: Uint8Array) => void) {
    this.#atLeast = atLeast;
    this.#take = take;
  }

  /** @throws BulwarkError ERR_BULWARK_HASH_LIST with the line that is no hash */
  push(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#rest.byteLength > 0) {
      bytes = Buffer.concat([this.#rest, chunk]);
      this.#rest = new Uint8Array(0);
    }
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      this.#line(bytes, start, end);
      start = end + 1;
    }
    if (bytes.byteLength - start > LONGEST_LINE) this.#line(bytes, start, bytes.byteLength);
    this.#rest = bytes.slice(start);
  }

  /** After the last piece: the last line may have no line break. */
  end(): void {
    if (this.#rest.byteLength > 0) this.#line(this.#rest, 0, this.#rest.byteLength);
    this.#rest = new Uint8Array(0);
  }

  #line(bytes: Uint8Array, start: number, lineEnd: number): void {
    this.lines += 1;
    const end = lineEnd > start && bytes[lineEnd - 1] === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
    if (end === start) return;
    const digits = start + HASH_DIGITS;
    if (digits > end || (digits < end && bytes[digits] !== COLON)) this.#refuse(bytes, start, end);
    for (let index = 0; index < this.#hash.byteLength; index += 1) {
      const at = start + 2 * index;
      const byte = (digit(bytes[at]) << 4) | digit(bytes[at + 1]);
      if (byte < 0) this.#refuse(bytes, start, end);
      this.#hash[index] = byte;
    }
    if (digits === end || this.#count(bytes, start, digits + 1, end) >= this.#atLeast) this.#take(this.#hash);
  }

  #count(bytes: Uint8Array, start: number, from: number, end: number): number {
    let count = 0;
    if (end === from || end - from > MAX_COUNT_DIGITS) this.#refuse(bytes, start, end);
    for (let at = from; at < end; at += 1) {
      const value = (bytes[at] ?? 0) - 48;
      if (value < 0 || value > 9) this.#refuse(bytes, start, end);
      count = count * 10 + value;
    }
    return count;
  }

  // Never quotes the line: it may be a password.
  #refuse(bytes: Uint8Array, start: number, end: number): never {
    throw new BulwarkError('ERR_BULWARK_HASH_LIST', `line ${this.lines} ${describe(bytes, start, end)}`);
  }
}

const WANTED = 'a SHA-1 in 40 hex digits, alone or with `:COUNT` behind it';

function describe(bytes: Uint8Array, start: number, end: number): string {
  let digits = 0;
  while (start + digits < end && digit(bytes[start + digits]) >= 0) digits += 1;
  const next = bytes[start + digits];
  const isWhole = start + digits === end || next === COLON;
  if (isWhole && digits === NTLM_DIGITS) {
    return `is an NTLM or MD5 hash, and those of new passwords are not computed: take the list of SHA-1 hashes`;
  }
  if (isWhole && digits === SHA256_DIGITS) return `is a SHA-256 hash: take the list of SHA-1 hashes`;
  return `is not ${WANTED}`;
}

/** The value of a hex digit, or -1. */
function digit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 65 && code <= 70) return code - 55;
  if (code >= 97 && code <= 102) return code - 87;
  return -1;
}
