/**
 * What stands behind a short name of a PDF. Three letters are found in any picture; with a value behind them that belongs there they
 * are not. Between the two may be blanks and comments of any length (ISO 32000-2, 7.2.3 and 7.2.4): so a byte is looked at as it
 * comes, and nothing of it is kept.
 */

/** The short names, a bit for each, so that several can be on their way at once. */
export const SHORT = { xfa: 1, additional: 2, subtype: 4, encrypt: 8 } as const;

/** Where a value is. Those before `NUMBER` are found behind the name itself; the rest is of a reference, `12 0 R`. */
const GAP = 0;
const GAP_COMMENT = 1;
const BRACKET = 2;
const NUMBER = 3;
const NUMBER_GAP = 4;
const NUMBER_COMMENT = 5;
const GENERATION = 6;
const GENERATION_GAP = 7;
const GENERATION_COMMENT = 8;
const PLACES = 9;

/** Values of names whose bytes come. What two names wait for at the same place is one thing: they are never more than the places. */
export class ShortNames {
  /** The names that are at each place. */
  #at = new Uint8Array(PLACES);
  #next = new Uint8Array(PLACES);
  #waits = false;

  /** A short name ended: what comes next stands behind it. */
  begin(name: number): void {
    this.#at[GAP] = (this.#at[GAP] ?? 0) | name;
    this.#waits = true;
  }

  /** The names that the next byte begins the value of. */
  get awaited(): number {
    return this.#at[GAP] ?? 0;
  }

  /** @returns the names which have by now a list, a dictionary or a reference as their value */
  take(bytes: Uint8Array, from: number, to: number): number {
    let found = 0;
    for (let place = from; place < to; place += 1) {
      if (!this.#waits) break;
      found |= this.#step(bytes[place] ?? 0);
    }
    return found;
  }

  #step(byte: number): number {
    const [at, next] = [this.#at, this.#next];
    const column = KIND[byte] ?? OTHER;
    let found = 0;
    this.#waits = false;
    next.fill(0);
    for (let place = 0; place < PLACES; place += 1) {
      const names = at[place] ?? 0;
      if (names === 0) continue;
      const then = STEPS[place]?.[column] ?? NOWHERE;
      if (then === IS_LIST) found |= names & SHORT.xfa;
      else if (then === IS_VALUE) found |= names & ~SHORT.subtype;
      else if (then !== NOWHERE) {
        next[then] = (next[then] ?? 0) | names;
        this.#waits = true;
      }
    }
    this.#at = next;
    this.#next = at;
    return found;
  }
}

const NOWHERE = -1;
const IS_VALUE = -2;
/** Only data of forms is one: others in a picture would be taken for acts. */
const IS_LIST = -3;

/** Kinds of bytes, as columns of the steps. */
const OTHER = 0;
const BLANK = 1;
const LINE_END = 2;
const PERCENT = 3;
const DIGIT = 4;
const LESS = 5;
const LIST = 6;
const LETTER_R = 7;
const KIND = new Uint8Array(256);
for (const [signs, kind] of [
  ['\0\t\f ', BLANK],
  ['\r\n', LINE_END],
  ['%', PERCENT],
  // Readers pass over signs of numbers.
  ['0123456789+-', DIGIT],
  ['<', LESS],
  ['[', LIST],
  ['R', LETTER_R],
] as const)
  for (const sign of signs) KIND[sign.charCodeAt(0)] = kind;

/** From each place, by the kind of the byte, in the order of the kinds: the place behind it. */
const STEPS: readonly (readonly number[])[] = [
  [NOWHERE, GAP, GAP, GAP_COMMENT, NUMBER, BRACKET, IS_LIST, NOWHERE],
  inComment(GAP_COMMENT, GAP),
  [NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, IS_VALUE, NOWHERE, NOWHERE],
  [NOWHERE, NUMBER_GAP, NUMBER_GAP, NUMBER_COMMENT, NUMBER, NOWHERE, NOWHERE, NOWHERE],
  [NOWHERE, NUMBER_GAP, NUMBER_GAP, NUMBER_COMMENT, GENERATION, NOWHERE, NOWHERE, NOWHERE],
  inComment(NUMBER_COMMENT, NUMBER_GAP),
  [NOWHERE, GENERATION_GAP, GENERATION_GAP, GENERATION_COMMENT, GENERATION, NOWHERE, NOWHERE, IS_VALUE],
  [NOWHERE, GENERATION_GAP, GENERATION_GAP, GENERATION_COMMENT, NOWHERE, NOWHERE, NOWHERE, IS_VALUE],
  inComment(GENERATION_COMMENT, GENERATION_GAP),
];

function inComment(stay: number, behind: number): readonly number[] {
  return [stay, stay, behind, stay, stay, stay, stay, stay];
}
