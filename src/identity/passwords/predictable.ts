/**
 * How much of a password cannot be guessed from habit. What guessing programs try first is not letters but pieces:
 * words everybody uses, runs, sequences, walks over the keyboard, the name of the service, a year. A piece is counted
 * as two characters, however long it is, and only once; all else counts as it stands.
 */
import { COMMON_WORDS, KEYBOARD_WALKS, LONGEST_COMMON_WORD } from './common-passwords.ts';

/** What a predictable piece is. */
export type PieceKind = 'common' | 'own-words' | 'repeated' | 'sequence' | 'keyboard';

/** What is left of a password once its predictable pieces are counted as little as they are worth. */
export interface Weight {
  /** Characters' worth of what cannot be guessed from habit. */
  readonly characters: number;
  /** The kind of piece that makes up most of it; undefined where it has none. */
  readonly mostly: PieceKind | undefined;
}

interface Piece {
  readonly kind: PieceKind;
  readonly length: number;
}

const PIECE_WEIGHT = 2;
const SHORTEST_WORD = 4;
const SHORTEST_RUN = 3;
const SHORTEST_WALK = 4;
/** Letters that people write as digits and signs, which every guessing program knows. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
  '+': 't',
};

/**
 * Weighs a password of at most a few hundred characters.
 *
 * @param ownWords - the service's and the account's own words, folded by {@link fold}
 */
export function weigh(password: string, ownWords: readonly string[]): Weight {
  const text = fold(password);
  const spaced = weighWhole(text, ownWords);
  // What stands between words is no secret either: `quick brown fox` is guessed along with `quickbrownfox`.
  const joined = weighWhole(withoutSeparators(text), ownWords);
  return joined.mostly !== undefined && joined.characters < spaced.characters ? joined : spaced;
}

/** A text without the differences that guessing programs try anyway. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** A text without what people put between words. */
export function withoutSeparators(text: string): string {
  return text.replaceAll(/[ ._,-]+/g, '');
}

function weighWhole(text: string, ownWords: readonly string[]): Weight {
  const period = smallestPeriod(text);
  if (text === '' || period * 2 > text.length) return weighPieces(text, ownWords);
  // The whole is one piece said again and again: only that piece counts, and one for the idea.
  return { characters: weighPieces(text.slice(0, period), ownWords).characters + 1, mostly: 'repeated' };
}

function weighPieces(text: string, ownWords: readonly string[]): Weight {
  const plain = unmask(text);
  const seen = new Set<string>();
  const covered = new Map<PieceKind, number>();
  let characters = 0;
  let at = 0;
  while (at < text.length) {
    const piece = longestPiece(text, plain, at, ownWords);
    if (piece === undefined) {
      characters += 1;
      at += text.codePointAt(at) === text.charCodeAt(at) ? 1 : 2;
      continue;
    }
    const word = plain.slice(at, at + piece.length);
    if (!seen.has(word)) characters += PIECE_WEIGHT;
    seen.add(word);
    covered.set(piece.kind, (covered.get(piece.kind) ?? 0) + piece.length);
    at += piece.length;
  }
  const [most] = [...covered].sort((a, b) => b[1] - a[1]);
  return { characters, mostly: most?.[0] };
}

function longestPiece(
  text: string,
  plain: string,
  at: number,
  ownWords: readonly string[],
): Piece | undefined {
  const pieces: readonly Piece[] = [
    { kind: 'common', length: commonWord(text, plain, at) },
    { kind: 'own-words', length: ownWord(text, plain, at, ownWords) },
    { kind: 'repeated', length: run(text, at, 0) },
    { kind: 'sequence', length: Math.max(run(text, at, 1), run(text, at, -1), year(text, at)) },
    { kind: 'keyboard', length: walk(text, at) },
  ];
  let longest: Piece | undefined;
  for (const piece of pieces) if (piece.length > (longest?.length ?? 0)) longest = piece;
  return longest;
}

function commonWord(text: string, plain: string, at: number): number {
  for (let length = Math.min(LONGEST_COMMON_WORD, text.length - at); length >= SHORTEST_WORD; length -= 1) {
    if (COMMON_WORDS.has(text.slice(at, at + length)) || COMMON_WORDS.has(plain.slice(at, at + length)))
      return length;
  }
  return 0;
}

function ownWord(text: string, plain: string, at: number, ownWords: readonly string[]): number {
  let longest = 0;
  for (const word of ownWords) {
    if (word.length > longest && (text.startsWith(word, at) || plain.startsWith(word, at)))
      longest = word.length;
  }
  return longest;
}

/** Characters that go on by the same step: 0 for `aaaa`, 1 for `abcd`, -1 for `4321`. */
function run(text: string, at: number, step: number): number {
  let end = at + 1;
  while (end < text.length && text.charCodeAt(end) - text.charCodeAt(end - 1) === step) end += 1;
  return end - at >= SHORTEST_RUN ? end - at : 0;
}

function year(text: string, at: number): number {
  return /^(?:19|20)\d\d/.test(text.slice(at, at + 4)) ? 4 : 0;
}

function walk(text: string, at: number): number {
  let longest = 0;
  for (const track of KEYBOARD_WALKS) {
    let length = Math.max(SHORTEST_WALK, longest + 1);
    while (at + length <= text.length && track.includes(text.slice(at, at + length))) {
      longest = length;
      length += 1;
    }
  }
  return longest;
}

/** Lookalikes turned back into letters, one for one, so that places in both texts agree. */
function unmask(text: string): string {
  let plain = '';
  for (let at = 0; at < text.length; at += 1) plain += LOOKALIKES[text.charAt(at)] ?? text.charAt(at);
  return plain;
}

/** The length of the shortest beginning that, said again and again, gives the whole (Knuth, Morris and Pratt). */
function smallestPeriod(text: string): number {
  const borders = [0];
  let border = 0;
  for (let at = 1; at < text.length; at += 1) {
    while (border > 0 && text[at] !== text[border]) border = borders[border - 1] ?? 0;
    if (text[at] === text[border]) border += 1;
    borders.push(border);
  }
  return text.length - (borders.at(-1) ?? 0);
}
