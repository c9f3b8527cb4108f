/** Headers as they stand on the wire, checked once: what the policy says need not be looked through at each answer. */

import { byName, unique } from './by-name.ts';

/** A name of a header in lower case. */
export type HeaderKey = Lowercase<string>;

/** A name in lower case. */
export function headerKey(name: string): HeaderKey {
  return keyOf(name);
}

const keyOf = byName((name) => unique(name.toLowerCase() as HeaderKey));

/** One header, written out. Every byte of a line is fit for a response head: it was checked when the line was made. */
export class HeaderLine {
  /** With its line end. */
  readonly text: string;
  readonly name: string;
  readonly key: HeaderKey;

  private constructor({ name, key }: Name, text: string) {
    this.text = text;
    this.name = name;
    this.key = key;
  }

  /** @throws RangeError where name or value cannot stand in a head: a line end in a value would start another header */
  static of(name: string, value: string): HeaderLine {
    const known = nameOf(name);
    assertFit(name, value);
    return new HeaderLine(known, known.prefix + value + LINE_END);
  }

  /**
   * A header in whose value the same word, such as a nonce, stands between the pieces. They are checked here, once: a
   * look through the three hundred bytes of a Content-Security-Policy takes longer than putting it together.
   *
   * @returns makes the header for a word of base64url
   */
  static around(name: string, pieces: readonly string[]): (word: string) => HeaderLine {
    const known = nameOf(name);
    for (const piece of pieces) assertFit(name, piece);
    const [first = '', ...rest] = pieces;
    return (word) => {
      let text = known.prefix + first;
      for (const piece of rest) text += word + piece;
      return new HeaderLine(known, text + LINE_END);
    };
  }

  /**
   * A header in whose value two whole numbers stand between three pieces. These are checked here, once; digits are fit for any line.
   *
   * @returns makes the header for two numbers
   */
  static counting(
    name: string,
    [first, second, last]: readonly [first: string, second: string, last: string],
  ): (one: number, other: number) => HeaderLine {
    const known = nameOf(name);
    for (const piece of [first, second, last]) assertFit(name, piece);
    const before = known.prefix + first;
    const behind = last + LINE_END;
    return (one, other) => new HeaderLine(known, `${before}${one}${second}${other}${behind}`);
  }

  /** Taken out of the line: hardly anybody asks. */
  get value(): string {
    return this.text.slice(this.name.length + SEPARATOR.length, -LINE_END.length);
  }
}

/** Lines that stand together in nearly every answer, as one text. No name twice. */
export class HeaderBlock {
  readonly text: string;
  readonly lines: readonly HeaderLine[];
  readonly keys: ReadonlySet<HeaderKey>;

  constructor(lines: readonly HeaderLine[]) {
    // Joined, and not added up: added texts are put together anew with each answer that they are part of.
    this.text = lines.map(({ text }) => text).join('');
    this.lines = lines;
    this.keys = new Set(lines.map(({ key }) => key));
  }
}

/**
 * @returns the name in lower case
 * @throws RangeError where name or value cannot stand in a head
 */
export function assertLine(name: string, value: string): HeaderKey {
  const { key } = nameOf(name);
  assertFit(name, value);
  return key;
}

/**
 * @returns the name in lower case
 * @throws RangeError where it is no name of a header
 */
export function assertName(name: string): HeaderKey {
  return nameOf(name).key;
}

const SEPARATOR = ': ';
const LINE_END = '\r\n';

interface Name {
  readonly name: string;
  readonly key: HeaderKey;
  readonly prefix: string;
}

// RFC 9110 5.6.2.
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
// RFC 9110 5.5. What is above 0xff would lose its upper byte on the way, and what is left of it may be a line end.
const UNFIT = /[^\t\x20-\x7e\x80-\xff]/;

/** Each is checked and folded once. */
const nameOf = byName((name): Name => {
  if (!TOKEN.test(name)) throw new RangeError(`${JSON.stringify(name)} is no name of a header`);
  return { name, key: headerKey(name), prefix: name + SEPARATOR };
});

/** To begin with the expression takes as long as to look through so many characters. */
const SHORT = 40;

function assertFit(name: string, value: string): void {
  if (value.length > SHORT ? UNFIT.test(value) : isUnfit(value))
    throw new RangeError(`the value of ${name} cannot stand in a head`);
}

/** As {@link UNFIT} says. */
function isUnfit(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code > 0xff || code === 0x7f || (code < 0x20 && code !== TAB)) return true;
  }
  return false;
}

const TAB = 0x09;
