/**
 * A chained record: one line of JSON whose last fields are the chain, the number in it, on signed lines the signature, and
 * the hash. The hash is SHA-256 over the hash of the record before and this line up to its own hash: whoever changes a
 * record changes every hash behind it. They stand last, and in one form, so that a reader finds them without parsing JSON.
 */
import { hash } from 'node:crypto';

/** What stands in the place of the hash before the first record. */
export const NO_HASH: string = 'A'.repeat(43);
/** Characters of the id of a chain. */
export const CHAIN_ID_LENGTH = 12;

const HASH_TAIL = ',"hash":"'.length + NO_HASH.length + '"}'.length;
const SIGNATURE_LENGTH = 86;
const SIGNATURE_TAIL = ',"signature":"'.length + SIGNATURE_LENGTH + 1;
const CHAIN_MARK = ',"chain":"';
const SEQ_MARK = '","seq":';
const LONGEST_SEQ = 16;
const LONGEST_TAIL =
  HASH_TAIL + SIGNATURE_TAIL + LONGEST_SEQ + SEQ_MARK.length + CHAIN_ID_LENGTH + CHAIN_MARK.length;

/** The hash of a record. */
export function chainHash(before: string, text: string | Buffer): string {
  if (typeof text === 'string') return hash('sha256', before + text, 'base64url');
  // One call over one buffer: a hash object costs twice that.
  const length = before.length + text.byteLength;
  if (length > scratch.byteLength) scratch = Buffer.allocUnsafe(length * 2);
  scratch.write(before, 'latin1');
  text.copy(scratch, before.length);
  return hash('sha256', scratch.subarray(0, length), 'base64url');
}

let scratch = Buffer.allocUnsafe(16_384);

/** The text of a record without its signature and hash. `body` is a JSON object. */
export function numbered(body: string, chain: string, seq: number): string {
  return `${body.slice(0, -1)}${CHAIN_MARK}${chain}${SEQ_MARK}${seq}`;
}

/** A record closed with its hash. */
export function hashed(text: string, own: string): string {
  return `${text},"hash":"${own}"}`;
}

/** A record with its signature, still without its hash. */
export function signedText(text: string, signature: string): string {
  return `${text},"signature":"${signature}"`;
}

/** Whether a whole line, without its break, is a signed one. */
export function isSigned(line: string): boolean {
  const end = line.length - HASH_TAIL;
  return line[end - 1] === '"' && line.startsWith(',"signature":"', end - SIGNATURE_TAIL);
}

/** What the end of a line says. */
export interface ChainMark {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
  readonly signature: string | undefined;
  /** Bytes of the line that the hash is over. */
  readonly hashedBytes: number;
  /** Bytes of the line that the signature is over, where there is one. */
  readonly signedBytes: number;
}

/** Reads the end of a line. Undefined: it is no whole record of a chain. */
export function readMark(line: Buffer): ChainMark | undefined {
  const bytes = line.byteLength;
  const from = Math.max(0, bytes - LONGEST_TAIL);
  const tail = line.toString('latin1', from, bytes);
  const end = tail.length - HASH_TAIL;
  if (end < 1 || !tail.startsWith(',"hash":"', end) || !tail.endsWith('"}')) return undefined;
  const own = tail.slice(end + 9, -2);
  let textEnd = end;
  let signature: string | undefined;
  if (tail[end - 1] === '"' && tail.startsWith(',"signature":"', end - SIGNATURE_TAIL)) {
    textEnd = end - SIGNATURE_TAIL;
    signature = tail.slice(textEnd + 14, end - 1);
  }
  let digits = textEnd;
  let seq = 0;
  for (let unit = 1; digits > 0 && unit < 1e16; unit *= 10) {
    const digit = tail.charCodeAt(digits - 1) - 48;
    if (digit < 0 || digit > 9) break;
    seq += digit * unit;
    digits -= 1;
  }
  const chainStart = digits - SEQ_MARK.length - CHAIN_ID_LENGTH;
  if (digits === textEnd || tail[digits] === '0') return undefined;
  if (!tail.startsWith(SEQ_MARK, digits - SEQ_MARK.length)) return undefined;
  if (!tail.startsWith(CHAIN_MARK, chainStart - CHAIN_MARK.length)) return undefined;
  return {
    chain: tail.slice(chainStart, chainStart + CHAIN_ID_LENGTH),
    seq,
    hash: own,
    signature,
    hashedBytes: from + end,
    signedBytes: from + textEnd,
  };
}
