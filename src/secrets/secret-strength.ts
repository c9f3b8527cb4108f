/**
 * Whether a secret is one that nobody can guess: long enough, random enough, and neither a placeholder nor a value
 * that stands in some manual. Looks at the text alone, so it can only find secrets that are surely bad; that a text
 * passes does not prove that it was made by a random generator.
 */
import { hasPlaceholder, isPublished } from './known-secrets.ts';

/** The bytes of real content that a secret needs: 256 bits, what HMAC-SHA-256 can use (RFC 2104 3). */
export const MIN_SECRET_BYTES = 32;
/** Anything longer is a file given by mistake. */
export const MAX_SECRET_BYTES = 4096;

// The estimate below stays under the truth (a random secret in hex or base64 gets 150 to 240), so the floor is NIST's
// for any key (SP 800-131A: 112 bits) and not the 256 bits that such a secret really has.
const MIN_ESTIMATED_BITS = 112;
const MIN_DISTINCT = 8;

// Shannon's 1951 measurement of printed English is 0.6 to 1.3 bits a letter; diceware words have about 2.
const BITS_PER_LETTER_OF_PROSE = 1.3;

// Rows that fingers and counters follow. Forwards and backwards, in either case.
const ROWS: readonly string[] = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
];
// The pairs that make up about two thirds of English text, and a tenth of random letters.
const COMMON_PAIRS: ReadonlySet<string> = new Set(
  (
    'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ' +
    've co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec'
  ).split(' '),
);

// Bits of evidence that one pair of neighbours gives. In prose 55 in 100 are common pairs, 40 rare ones, 5 have a
// digit; in base64 6, 47 and 47; in random letters of one case 11 and 89.
const PROSE_AGAINST_MIXED = { common: 3.2, rare: -0.23, digit: -3.2 } as const;
const PROSE_AGAINST_LETTERS = { common: 2.4, rare: -1.15, digit: 0 } as const;

/**
 * What is wrong with a secret, as a sentence, or undefined where nothing is. The sentence never quotes the secret,
 * nor a word out of it.
 */
export function weaknessOf(secret: string): string | undefined {
  if (secret.trim() === '') return 'it is empty';
  if (Buffer.byteLength(secret) > MAX_SECRET_BYTES) {
    return `it is longer than ${MAX_SECRET_BYTES} bytes, which is a file given by mistake`;
  }
  if (/[\u0000-\u001f\u007f]/.test(secret)) {
    return 'it has line breaks or control characters in it, which is a file given by mistake';
  }
  if (isPublished(secret)) return 'it is a published example that everyone can look up';
  if (hasPlaceholder(secret)) return 'it is a placeholder, which is the first thing an attacker tries';
  const bytes = contentBytes(secret);
  if (bytes < MIN_SECRET_BYTES) return `it holds at most ${bytes} bytes; ${MIN_SECRET_BYTES} are needed`;
  const distinct = new Set(secret).size;
  if (distinct < MIN_DISTINCT) return `it is made of only ${distinct} different characters`;
  const bits = estimateBits(secret);
  if (bits < MIN_ESTIMATED_BITS) {
    return `it repeats itself, counts up or reads like a phrase: about ${Math.floor(bits)} bits of it cannot be guessed, ${MIN_ESTIMATED_BITS} are needed`;
  }
  return undefined;
}

/**
 * How many bytes a text can stand for at most, in the reading that gives it the fewest: 64 hex digits are 32 bytes,
 * and so are 43 characters of base64, although both are longer as text.
 */
export function contentBytes(secret: string): number {
  if (/^[0-9a-f]+$/i.test(secret)) return Math.floor(secret.length / 2);
  const unpadded = secret.replace(/={1,2}$/, '');
  if (/^[A-Za-z0-9+/]+$|^[\w-]+$/.test(unpadded)) return Math.floor((unpadded.length * 3) / 4);
  return Buffer.byteLength(secret);
}

/**
 * Bits of a text that do not follow from the rest of it, estimated from below. Repeated stretches and rows are
 * counted once; each character left counts as much as the mix of characters tells (Shannon's entropy of order 0);
 * prose counts by the letter.
 */
export function estimateBits(secret: string): number {
  const text = secret.toLowerCase();
  const fresh = freshCharacters(text) * bitsPerCharacter(secret);
  return readsLikeProse(secret) ? Math.min(fresh, countLetters(text) * BITS_PER_LETTER_OF_PROSE) : fresh;
}

/** How many characters do not follow from those before them. A repeated stretch or a row counts as one. */
function freshCharacters(text: string): number {
  let fresh = 0;
  let at = 0;
  while (at < text.length) {
    at += Math.max(repeatLength(text, at), rowLength(text, at), 1);
    fresh += 1;
  }
  return fresh;
}

/** The length of the stretch from `at` that stands earlier in the text too; 0 below three characters. */
function repeatLength(text: string, at: number): number {
  let length = 0;
  let from = 0;
  while (at + length < text.length) {
    // Earlier matches of a shorter stretch are the only places where a longer one can be.
    const found = text.indexOf(text.slice(at, at + length + 1), from);
    if (found === -1 || found >= at) break;
    from = found;
    length += 1;
  }
  return length >= 3 ? length : 0;
}

/** The length of the run from `at` along one of {@link ROWS}, in one direction; 0 below three characters. */
function rowLength(text: string, at: number): number {
  let best = 0;
  for (const row of ROWS) {
    for (const step of [1, -1]) {
      let length = 1;
      let place = row.indexOf(text.charAt(at));
      while (place !== -1 && at + length < text.length && row[place + step] === text[at + length]) {
        place += step;
        length += 1;
      }
      best = Math.max(best, length);
    }
  }
  return best >= 3 ? best : 0;
}

function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/**
 * Whether a text is words rather than random characters, by the likelihood of its neighbours under both (a ratio of
 * 2^n refuses a random text less often than once in 2^n). Words are joined by anything, or by a change of case.
 */
function readsLikeProse(text: string): boolean {
  let againstMixed = 0;
  let againstLetters = 0;
  for (let at = 0; at + 1 < text.length; at += 1) {
    const pair = text.slice(at, at + 2);
    if (/[^A-Za-z0-9]|[a-z][A-Z]|[A-Z][a-z]/.test(pair)) continue;
    const kind = /\d/.test(pair) ? 'digit' : COMMON_PAIRS.has(pair.toLowerCase()) ? 'common' : 'rare';
    againstMixed += PROSE_AGAINST_MIXED[kind];
    againstLetters += PROSE_AGAINST_LETTERS[kind];
  }
  return againstMixed > 26 && againstLetters > 10;
}

function countLetters(text: string): number {
  return text.length - text.replace(/[a-z]/g, '').length;
}
