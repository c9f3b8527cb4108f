/** Tokens: what they look like, how a mistyped one is told from a whole one, and what is stored of them. */
import { API_TOKEN_CALLS } from './api-tokens.calls.ts';
import { hash, randomInt } from 'node:crypto';
import type { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 32 characters of 62: 190 random bits. */
const RANDOM_LENGTH = 32;
/** 62^6 is more than 2^32. */
const CHECKSUM_LENGTH = 6;
const HINT_LENGTH = 4;
const REST = `[0-9A-Za-z]{${RANDOM_LENGTH}}_[0-9A-Za-z]{${CHECKSUM_LENGTH}}`;
const AFTER_PREFIX = new RegExp(`^${REST}$`);

/**
 * Finds tokens in a text: for secret scanners, and for whoever looks through logs and repositories. The last six
 * characters are a checksum, so that what it finds can be told from a look-alike.
 *
 * @param prefix - as in the policy's `apiTokens.prefix`
 */
export function apiTokenPattern(prefix: string = 'bwk'): RegExp {
  API_TOKEN_CALLS.pattern(prefix);
  return new RegExp(`\\b${prefix}_${REST}\\b`);
}

/** A token of 190 random bits: `bwk_<32 characters>_<6 characters>`. Underscores, so that a double click takes all of it. */
export function newToken(prefix: string): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const start = `${prefix}_${random}`;
  return `${start}_${checksum(start)}`;
}

/** Whether a text is a whole token of this prefix. A mistyped one, or one cut off, is none, and no store is asked. */
export function isToken(text: string, prefix: string): boolean {
  if (!text.startsWith(`${prefix}_`) || !AFTER_PREFIX.test(text.slice(prefix.length + 1))) return false;
  // The checksum is no secret: it is made of what it stands behind.
  return text.slice(-CHECKSUM_LENGTH) === checksum(text.slice(0, -CHECKSUM_LENGTH - 1));
}

/**
 * Whether the value of a header holds what is or was to be a token of this prefix: whole, cut off, without `Bearer`, or
 * behind whatever a person or a template puts before it (a tab, `:`, `=`, a quote, nothing). Who sends that means to be
 * somebody, and must not be taken for a visitor. Tokens of others, in which our prefix may stand by chance, are left alone.
 */
export function looksLikeOurs(value: string, prefix: string): boolean {
  const start = `${prefix}_`;
  if (value.startsWith(start) || value.includes(` ${start}`)) return true;
  const folded = value.toLowerCase();
  for (let at = folded.indexOf(start); at !== -1; at = folded.indexOf(start, at + 1)) {
    if (startsWord(value, at) && hasRandomStart(value, at + start.length)) return true;
  }
  return false;
}

/** Characters behind the prefix that make a token likely: other schemes have parameters, such as `key_id`. */
const LIKELY_LENGTH = 8;

function hasRandomStart(value: string, from: number): boolean {
  for (let index = from; index < from + LIKELY_LENGTH; index += 1) {
    if (index >= value.length || !isAlphanumeric(value.charCodeAt(index))) return false;
  }
  return true;
}

/** Whether a word begins here: not inside base64url, a JWT or a name, but behind `Bearer` without its space or with `%20`. */
function startsWord(value: string, at: number): boolean {
  if (at === 0 || value[at - 3] === '%') return true;
  const before = value.charCodeAt(at - 1);
  if (!isAlphanumeric(before)) return !IN_TOKENS.has(before);
  return SCHEMES.has(value.slice(0, Math.min(at, LONGEST_SCHEME + 1)).toLowerCase());
}

function isAlphanumeric(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

/** `_`, `-`, `.`, `~`, `+` and `/` (RFC 6750 2.1). */
const IN_TOKENS = new Set([0x5f, 0x2d, 0x2e, 0x7e, 0x2b, 0x2f]);
const SCHEMES = new Set(['bearer', 'dpop', 'token', 'basic', 'apikey']);
const LONGEST_SCHEME = 6;

/**
 * What is stored of a token, and what it is found by. A plain hash: nobody guesses 190 bits, so that a slow one would only
 * cost time at each request. Looked up and never compared, so that no time tells how much of a guess was right.
 */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** What tells a token from others in a list: the prefix and four characters. 166 bits stay unknown. */
export function hintOf(token: string, prefix: string): string {
  return token.slice(0, prefix.length + 1 + HINT_LENGTH);
}

/** Loaded with the first token: an import would have everyone wait for it who only imports the layer. */
let crc: typeof crc32 | undefined;

/** CRC32 in base 62, six digits, as GitHub's tokens have it. */
function checksum(start: string): string {
  crc ??= process.getBuiltinModule('node:zlib').crc32;
  let rest = crc(start);
  let digits = '';
  while (digits.length < CHECKSUM_LENGTH) {
    digits = `${ALPHABET[rest % ALPHABET.length]}${digits}`;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return digits;
}
