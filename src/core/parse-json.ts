/**
 * JSON that a client sent. V8 of Node.js 24 and 26 compares a name that is written with an escape by the letters of its text with
 * the name that an earlier object of that shape had: the name may come out as another one (nodejs/node#63785). So JSON.parse gets
 * no name with an escape.
 */

/** Given the text of a number beside its value, as JSON.parse does. */
export type JsonReviver = (name: string, value: unknown, context: { source?: string }) => unknown;

/** JSON in which a name has a quote, a backslash or a control character: it cannot be written without an escape. */
export class EscapedNameError extends SyntaxError {
  /** What was read, with `?` in the place of each such name. */
  readonly rest: unknown;

  constructor(rest: unknown) {
    super('a name has a quote, a backslash or a control character; send another name');
    this.rest = rest;
  }
}

/**
 * As JSON.parse, with each name as it was sent. A name with an escape is written without it first.
 *
 * Names that cannot be are refused, and JSON.parse does not see them either: what it would take an escape for is always a name with
 * a backslash that it knows from before, so that a parser of the application finds none by what was taken here.
 *
 * @throws SyntaxError as JSON.parse does
 * @throws EscapedNameError for a name that needs an escape, where the text is JSON otherwise
 */
export function parseJson(text: string, reviver?: JsonReviver): unknown {
  // Of most texts this is all: one search of the runtime's own.
  if (!hasEscapedName(text)) return parse(text, reviver);
  const plain = withoutEscapedNames(text);
  const value = parse(plain.text, reviver);
  if (plain.isChanged) throw new EscapedNameError(value);
  return value;
}

function parse(text: string, reviver: JsonReviver | undefined): unknown {
  return reviver === undefined ? JSON.parse(text) : JSON.parse(text, reviver as Parameters<JSON['parse']>[1]);
}

/**
 * Looks at strings that have a backslash, and passes over all else. The quote that opens one is the nearest before its first
 * backslash. In a text with a backslash elsewhere it may miss names, but behind that backslash only, and JSON.parse ends there.
 */
function hasEscapedName(text: string): boolean {
  for (let slash = text.indexOf('\\'); slash !== -1;) {
    const end = endOfString(text, slash);
    if (isColon(text, end + 1)) return true;
    slash = text.indexOf('\\', end + 1);
  }
  return false;
}

/** Goes from string to string, so that no text which is not JSON becomes it. */
function withoutEscapedNames(text: string): { text: string; isChanged: boolean } {
  const pieces: string[] = [];
  let isChanged = false;
  let kept = 0;
  for (let start = text.indexOf('"'); start !== -1;) {
    const end = endOfString(text, start + 1);
    const literal = text.slice(start, end + 1);
    if (isColon(text, end + 1) && literal.includes('\\')) {
      // A string by itself has no shape to be taken for another's. One that is none throws here.
      const name = JSON.parse(literal) as string;
      const needsEscape = NEEDS_ESCAPE.test(name);
      isChanged ||= needsEscape;
      pieces.push(text.slice(kept, start), needsEscape ? '"?"' : `"${name}"`);
      kept = end + 1;
    }
    start = text.indexOf('"', end + 1);
  }
  return { text: pieces.join('') + text.slice(kept), isChanged };
}

/** RFC 8259 7. Half characters do not, as long as it is a text of JavaScript. */
const NEEDS_ESCAPE = /["\\]|[^ -\uffff]/;

/** Where the string closes that `at` is in; the length of the text where it does not. */
function endOfString(text: string, at: number): number {
  let end = at;
  while (end < text.length && text.charCodeAt(end) !== QUOTE)
    end += text.charCodeAt(end) === BACKSLASH ? 2 : 1;
  return Math.min(end, text.length);
}

function isColon(text: string, at: number): boolean {
  let next = at;
  while (WHITE_SPACE.has(text.charCodeAt(next))) next += 1;
  return text.charCodeAt(next) === COLON;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const WHITE_SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
