/** What strings of Python stand for, and the expressions in them. */
import type { Expression } from './ast.ts';
import { ownCopy } from '../own-copy.ts';
import { LOST, type Reads } from './reader.ts';
import { T } from './tokens.ts';

const ESCAPE =
  /\\(?:\r?\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[A-Za-z0-9 -]+\}|[0-7]{1,3}|.)/gsu;
const LETTERS: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
  '\r': '',
};

/** One, or some beside each other, which are one. */
export function readStrings(reader: Reads): Expression {
  const { scan } = reader;
  const at = scan.from;
  const parts: Expression[] = [];
  let [isPlain, bytes, value] = [true, false, ''];
  while (scan.kind === T.string || scan.kind === T.format) {
    if (scan.kind === T.format) {
      isPlain = false;
      readFormat(reader, parts);
      continue;
    }
    const { prefix, from } = scan;
    const text = readInside(scan.text.slice(scan.inside, scan.insideEnd), prefix);
    const own = prefix !== '' && /b/i.test(prefix);
    value = parts.length === 0 ? text : value + text;
    bytes ||= own;
    parts.push({ kind: 'string', at: from, value: text, bytes: own });
    scan.next();
  }
  return isPlain ? { kind: 'string', at, value, bytes } : { kind: 'format', at, parts };
}

/** Reads what stands between the quotes of one literal, behind what stands before them: `r`, `b`, `u`. */
function readInside(inside: string, prefix: string): string {
  return ownCopy(!inside.includes('\\') || /r/i.test(prefix) ? inside : inside.replace(ESCAPE, unescape));
}

function unescape(escape: string): string {
  const rest = escape.slice(1);
  const letter = LETTERS[rest[0] ?? ''];
  if (letter !== undefined) return letter;
  if (/^[xuU]./.test(rest)) {
    const code = Number.parseInt(rest.slice(1), 16);
    return code > 0x10_ff_ff ? escape : String.fromCodePoint(code);
  }
  if (rest.startsWith('N{')) return named(rest.slice(2, -1)) ?? escape;
  if (/^[0-7]/.test(rest)) return String.fromCharCode(Number.parseInt(rest, 8));
  // Any other backslash stays one, but for these.
  return /^['"\\]/.test(rest) ? rest : escape;
}

const DIGITS = ['ZERO', 'ONE', 'TWO', 'THREE', 'FOUR', 'FIVE', 'SIX', 'SEVEN', 'EIGHT', 'NINE'];

/** Letters and digits by the names that Unicode gives them: what else has a name hides no word. */
function named(name: string): string | undefined {
  const found = /^(?:LATIN (?<size>SMALL|CAPITAL) LETTER (?<letter>[A-Z])|DIGIT (?<digit>\w+))$/.exec(
    name.toUpperCase(),
  );
  if (found?.groups === undefined) return SIGNS.get(name.toUpperCase());
  const { size, letter, digit } = found.groups;
  if (letter !== undefined) return size === 'SMALL' ? letter.toLowerCase() : letter;
  const value = DIGITS.indexOf(digit ?? '');
  return value < 0 ? undefined : String(value);
}

const SIGNS: ReadonlyMap<string, string> = new Map([
  ['LOW LINE', '_'],
  ['HYPHEN-MINUS', '-'],
  ['FULL STOP', '.'],
  ['SOLIDUS', '/'],
  ['COLON', ':'],
  ['SPACE', ' '],
  ['COMMERCIAL AT', '@'],
  ['ASTERISK', '*'],
]);

/**
 * `f'...{x!r:>{width}}...'`, from behind its first quotes: its texts as they are written, and the expression of each pair
 * of brackets.
 */
function readFormat(reader: Reads, parts: Expression[]): void {
  const { scan } = reader;
  const { text, quotes } = scan;
  const isRaw = /r/i.test(scan.prefix);
  let [start, begin, at] = [scan.from, scan.inside, scan.inside];
  const push = (): void => {
    if (at > begin)
      parts.push({ kind: 'string', at: start, value: ownCopy(text.slice(begin, at)), bytes: false });
  };
  for (;;) {
    const sign = text[at];
    if (sign === undefined || (quotes.length === 1 && (sign === '\n' || sign === '\r'))) throw LOST;
    // `\\N{BULLET}` is a sign by its name.
    if (sign === '\\' && !isRaw && text.startsWith('N{', at + 1)) at += 3;
    // A backslash takes no brackets from an expression: `\\{x}` is one, in `rf''` as in `f''`.
    else if (sign === '\\' && text[at + 1] === '{') at += 1;
    else if (sign === '\\' && text.startsWith('\r\n', at + 1)) at += 3;
    else if (sign === '\\' || (sign === '{' && text[at + 1] === '{')) at += 2;
    else if (sign === '{') {
      push();
      const { value, end } = readReplacement(reader, at + 1, quotes, 0);
      parts.push(value);
      [start, begin, at] = [end, end, end];
    } else if (sign === quotes[0] && text.startsWith(quotes, at)) break;
    else at += 1;
  }
  push();
  scan.leave(at + quotes.length);
}

/** Python itself knows two. */
const MOST_DEPTH = 8;

interface Replacement {
  readonly value: Expression;
  /** Behind its bracket. */
  readonly end: number;
}

function readReplacement(reader: Reads, begin: number, quotes: string, depth: number): Replacement {
  if (depth > MOST_DEPTH) throw LOST;
  const { scan } = reader;
  scan.enter(begin);
  const [first, ...more] = reader.readMany();
  if (first === undefined) throw LOST;
  const value: Expression =
    more.length === 0 ? first : { kind: 'sequence', at: first.at, items: [first, ...more] };
  if (scan.kind === T.is) scan.next();
  if (scan.kind === T.bang) {
    scan.next();
    scan.next();
  }
  // `{x:=^9}`: what looks like `:=` is how it is written.
  if (scan.kind === T.colon) return { value, end: readSpec(reader, scan.from + 1, quotes, depth + 1) };
  if (scan.kind !== T.closeCurly) throw LOST;
  return { value, end: scan.to };
}

/** How a value is written: not looked at but for values in it. */
function readSpec(reader: Reads, begin: number, quotes: string, depth: number): number {
  const { scan } = reader;
  for (let at = begin; ;) {
    const sign = scan.text[at];
    if (sign === undefined || scan.text.startsWith(quotes, at)) throw LOST;
    if (sign === '}') {
      scan.depth -= 1;
      return at + 1;
    }
    at = sign === '{' ? readReplacement(reader, at + 1, quotes, depth).end : at + 1;
  }
}
