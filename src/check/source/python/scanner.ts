/** Tokens of Python, one after the other, from the beginning of a text to its end and never back. */
import { OwnNames } from '../own-copy.ts';
import { KEYWORDS, T } from './tokens.ts';

/** 1: begins a name; 2: a digit; 4: a blank. */
const CLASSES = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) {
  const sign = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(sign)) CLASSES[code] = 1;
  else if (/[0-9]/.test(sign)) CLASSES[code] = 2;
  else if (/[ \t\f]/.test(sign)) CLASSES[code] = 4;
}

/** Of all files: names are what is kept of them. */
const names = new OwnNames();

const PREFIX = /^(?:[rbuft]|br|rb|fr|rf|tr|rt|ur)$/i;

/** Signs of two and three characters. */
const LONG = new Map<string, number>([
  ['**', T.power],
  [':=', T.walrus],
  ['->', T.arrow],
  ['<<', T.shift],
  ['>>', T.shift],
  ['//', T.floor],
  ...['==', '!=', '<=', '>=', '<>'].map((sign) => [sign, T.compares] as const),
  ...['+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '@=', '**=', '//=', '<<=', '>>='].map(
    (sign) => [sign, T.adds] as const,
  ),
]);
const MAY_BE_LONG = new Uint8Array(128);
for (const sign of LONG.keys()) MAY_BE_LONG[sign.charCodeAt(0)] = 1;

const NUMBER =
  /(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:[0-9][0-9_]*(?:\.(?:[0-9][0-9_]*)?)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9][0-9_]*)?)[jJlL]?/y;

/** Where one stands in a text, and what stands there. */
export class Scanner {
  readonly text: string;
  /** One of {@link T}, or the code of a sign. */
  kind: number = T.newline;
  from = 0;
  to = 0;
  /** Where the token before ended. */
  last = 0;
  /** Of a name or a word. */
  word = '';
  /** Of a string: where between its quotes it begins and ends, and what stands before these. */
  inside = 0;
  insideEnd = 0;
  prefix = '';
  quotes = '';
  /** Of the line that the token stands in, over all lines that belong together: how far it is moved in. */
  indent = 0;
  /** Brackets that are open. */
  depth = 0;
  /** Nothing but blanks stands before it in its line. */
  isFirst = true;

  constructor(text: string) {
    this.text = text.endsWith('\n') ? text : `${text}\n`;
    this.next();
  }

  /** Goes on to the next token. */
  next(): void {
    const { text } = this;
    const { length } = text;
    this.last = this.to;
    this.isFirst = false;
    const begins = this.kind === T.newline && this.depth === 0;
    let at = begins ? this.#beginLine(this.to) : this.to;
    for (; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > 127) return this.#name(at);
      const one = CLASSES[code] ?? 0;
      if (one === 4) continue;
      if (one === 1) return this.#name(at);
      if (one === 2) return this.#number(at);
      if (code === 10 || code === 13) {
        if (this.depth === 0) return this.#take(T.newline, at, at + (isPair(text, at) ? 2 : 1));
        this.isFirst = true;
      } else if (code === 35) at = endOfLine(text, at) - 1;
      else if (code === 92 && isEnd(text.charCodeAt(at + 1))) {
        at += isPair(text, at + 1) ? 2 : 1;
        // Before an empty line it joins nothing.
        if (begins && isEnd(text.charCodeAt(at + 1))) at = this.#beginLine(at + 1) - 1;
      } else if (code === 34 || code === 39) return this.#string(at, at);
      else return this.#sign(code, at);
    }
    if (this.kind !== T.newline) return this.#take(T.newline, length, length);
    this.indent = -1;
    return this.#take(T.end, length, length);
  }

  /**
   * After a mistake: to where a statement may begin. That is the token at hand where it begins a line, and else what comes
   * behind its line, so that a bracket which nobody closes does not hide the rest.
   */
  recover(began: number): void {
    this.depth = 0;
    if (this.kind === T.end) return;
    if (this.isFirst && this.from > began) {
      let begin = this.from;
      while (begin > 0 && CLASSES[this.text.charCodeAt(begin - 1)] === 4) begin -= 1;
      this.kind = T.newline;
      this.to = begin;
      return this.next();
    }
    if (this.kind !== T.newline) {
      this.kind = T.newline;
      this.to = Math.min(endOfLine(this.text, this.to) + 1, this.text.length);
    }
    this.next();
  }

  /** At a bracket: behind the one that closes it. */
  skipBrackets(): void {
    const { depth } = this;
    do this.next();
    while (this.depth >= depth && this.kind !== T.end);
    this.next();
  }

  /**
   * At the colon of a block: to the first line behind it that is not moved in any further than what it belongs to, without
   * a look at what stands between. Answers how much that was.
   */
  skipBlock(indent: number): number {
    const { text } = this;
    const begin = this.to;
    let [at, depth] = [begin, 0];
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 35) at = endOfLine(text, at) - 1;
      else if (code === 34 || code === 39) at = behindString(text, at) - 1;
      else if (code === 92) at += isPair(text, at + 1) ? 2 : 1;
      else if (code === 40 || code === 91 || code === 123) depth += 1;
      else if (code === 41 || code === 93 || code === 125) depth = Math.max(depth - 1, 0);
      else if (depth === 0 && isEnd(code)) {
        const line = at + (isPair(text, at) ? 2 : 1);
        const next = this.#beginLine(line);
        if (next >= text.length || this.indent <= indent) {
          at = line;
          break;
        }
        at = next - 1;
      }
    }
    this.depth = 0;
    this.kind = T.newline;
    this.to = Math.min(at, text.length);
    this.next();
    return this.to - begin;
  }

  /** Goes on from a place between the quotes of a string: at an expression in it. */
  enter(at: number): void {
    this.depth += 1;
    this.kind = T.openCurly;
    this.to = at;
    this.next();
  }

  /** Ends such a string behind its quotes. */
  leave(at: number): void {
    this.kind = T.string;
    this.to = at;
    this.next();
  }

  #take(kind: number, from: number, to: number): void {
    this.kind = kind;
    this.from = from;
    this.to = to;
  }

  /** Measures how far the next line with anything in it is moved in. */
  #beginLine(begin: number): number {
    const { text } = this;
    let [at, column] = [begin, 0];
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 32) column += 1;
      else if (code === 9) column += 8 - (column % 8);
      else if (code === 10 || code === 13 || code === 12) column = 0;
      else if (code === 35) at = endOfLine(text, at) - 1;
      else break;
    }
    this.indent = column;
    this.isFirst = true;
    return at;
  }

  #name(at: number): void {
    const { text } = this;
    let end = at + 1;
    let isAscii = text.charCodeAt(at) < 128;
    for (; end < text.length; end += 1) {
      const code = text.charCodeAt(end);
      if (code > 127) isAscii = false;
      else if (((CLASSES[code] ?? 0) & 3) === 0) break;
    }
    const next = text.charCodeAt(end);
    const word = text.slice(at, end);
    if ((next === 34 || next === 39) && end - at < 3 && PREFIX.test(word)) return this.#string(at, end);
    // A name is the same in any width and font (PEP 3131).
    this.word = names.of(isAscii ? word : word.normalize('NFKC'));
    this.#take(KEYWORDS.get(word) ?? T.name, at, end);
  }

  /** `1.5.hex()` is a number and a name of it, `0xfor x in y` one that ends where its digits end. */
  #number(at: number): void {
    const { text } = this;
    NUMBER.lastIndex = at;
    this.#take(T.number, at, NUMBER.test(text) ? NUMBER.lastIndex : at + 1);
  }

  #string(from: number, quote: number): void {
    const { text } = this;
    const sign = text.charCodeAt(quote);
    const isLong = text.charCodeAt(quote + 1) === sign && text.charCodeAt(quote + 2) === sign;
    this.prefix = from === quote ? '' : text.slice(from, quote);
    this.quotes = text.slice(quote, quote + (isLong ? 3 : 1));
    this.inside = quote + this.quotes.length;
    if (this.prefix !== '' && /[ft]/i.test(this.prefix)) return this.#take(T.format, from, this.inside);
    let at = this.inside;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 92) at += isPair(text, at + 1) ? 2 : 1;
      else if (code === sign) {
        if (!isLong || (text.charCodeAt(at + 1) === sign && text.charCodeAt(at + 2) === sign)) {
          this.insideEnd = at;
          return this.#take(T.string, from, at + this.quotes.length);
        }
      } else if (!isLong && (code === 10 || code === 13)) break;
    }
    this.#take(T.unknown, from, Math.min(at, text.length));
  }

  #sign(code: number, at: number): void {
    const { text } = this;
    if (code === 40 || code === 91 || code === 123) this.depth += 1;
    else if (code === 41 || code === 93 || code === 125) this.depth = Math.max(this.depth - 1, 0);
    else if (code === 46) {
      const next = text.charCodeAt(at + 1);
      if ((CLASSES[next] ?? 0) === 2) return this.#number(at);
      if (next === 46 && text.charCodeAt(at + 2) === 46) return this.#take(T.ellipsis, at, at + 3);
    } else if (MAY_BE_LONG[code] === 1) {
      const three = LONG.get(text.slice(at, at + 3));
      if (three !== undefined && three === T.adds) return this.#take(three, at, at + 3);
      const two = LONG.get(text.slice(at, at + 2));
      if (two !== undefined) return this.#take(two, at, at + 2);
    }
    this.#take(code > 32 ? code : T.unknown, at, at + 1);
  }
}

/** Where what begins with a quote has ended; of one that nothing ends, where its line does. */
function behindString(text: string, quote: number): number {
  const sign = text.charCodeAt(quote);
  const isLong = text.charCodeAt(quote + 1) === sign && text.charCodeAt(quote + 2) === sign;
  let at = quote + (isLong ? 3 : 1);
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 92) at += isPair(text, at + 1) ? 2 : 1;
    else if (code === sign) {
      if (!isLong) return at + 1;
      if (text.charCodeAt(at + 1) === sign && text.charCodeAt(at + 2) === sign) return at + 3;
    } else if (!isLong && isEnd(code)) return at;
  }
  return at;
}

function isEnd(code: number): boolean {
  return code === 10 || code === 13;
}

function isPair(text: string, at: number): boolean {
  return text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10;
}

function endOfLine(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isEnd(text.charCodeAt(at))) at += 1;
  return at;
}
