/** Changes of a text, and where in it they may be made: at the one place that looks exactly as a fix expects, or nowhere. */

/** What stands from one position to another is replaced. In UTF-16 units. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A place in a text that a finding names. */
export interface Spot {
  readonly text: string;
  readonly at: number;
}

/** The line around a position, without its end. */
export function lineAround({ text, at }: Spot): { readonly from: number; readonly to: number } {
  const before = text.slice(0, at).search(/[^\r\n]*$/);
  const after = /[\r\n]/.exec(text.slice(at));
  return { from: before, to: after === null ? text.length : at + after.index };
}

/** How lines of a text end: as the first one does. */
export function lineEnd(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
}

/** Replaces what a pattern finds within a part of a text, where it is there once; the group `was`, where it has one. */
export function replaceOnce(
  text: string,
  part: { readonly from: number; readonly to: number } | undefined,
  pattern: RegExp,
  replacement: string,
): readonly Edit[] | undefined {
  if (part === undefined) return undefined;
  const found = [...text.slice(part.from, part.to).matchAll(new RegExp(pattern, 'dg'))];
  const [first] = found;
  const [from, to] = first?.indices?.groups?.['was'] ?? first?.indices?.[0] ?? [];
  if (found.length !== 1 || from === undefined || to === undefined) return undefined;
  return [{ from: part.from + from, to: part.from + to, text: replacement }];
}

/** What stands between brackets, the first of which comes at or behind a position on its line. */
export function insideBrackets(
  { text, at }: Spot,
  open: '(' | '{',
): { readonly from: number; readonly to: number } | undefined {
  const start = text.indexOf(open, at);
  if (start === -1 || start > lineAround({ text, at }).to) return undefined;
  let depth = 0;
  for (let here = start; here < text.length && here - start < MOST_LENGTH; here += 1) {
    const sign = text[here] ?? '';
    if (sign === '"' || sign === "'" || sign === '`') here = endOfText(text, here, sign);
    else if (sign === '#' || text.startsWith('//', here)) here = lineAround({ text, at: here }).to;
    else if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth -= 1;
    if (depth === 0) return { from: start + 1, to: here };
  }
  return undefined;
}

/** A line more, below the line of a position, or above it; indented as it is. */
export function insertLine(spot: Spot, line: string, where: 'below' | 'above' = 'below'): readonly Edit[] {
  const { from, to } = lineAround(spot);
  const indent = /^[ \t]*/.exec(spot.text.slice(from, to))?.[0] ?? '';
  const end = lineEnd(spot.text);
  return where === 'below'
    ? [{ from: to, to, text: `${end}${indent}${line}` }]
    : [{ from, to: from, text: `${indent}${line}${end}` }];
}

/** A call or an object that nobody can read at a glance is not touched. */
const MOST_LENGTH = 4000;

function endOfText(text: string, from: number, sign: string): number {
  const whole = text.startsWith(sign.repeat(3), from) ? sign.repeat(3) : sign;
  for (let at = from + whole.length; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text.startsWith(whole, at)) return at + whole.length - 1;
  }
  return text.length;
}

/** Makes them, in one pass: a file may have thousands. Undefined where two of them are in each other's way. */
export function applyEdits(text: string, edits: readonly Edit[]): string | undefined {
  const parts: string[] = [];
  let end = 0;
  for (const { from, to, text: instead } of inOrder(edits)) {
    if (from < end) return undefined;
    parts.push(text.slice(end, from), instead);
    end = to;
  }
  return parts.join('') + text.slice(end);
}

/** Each once, by place. */
export function inOrder(edits: readonly Edit[]): readonly Edit[] {
  const unique = new Map(edits.map((edit) => [`${edit.from} ${edit.to} ${edit.text}`, edit]));
  return [...unique.values()].toSorted((a, b) => a.from - b.from || a.to - b.to);
}
