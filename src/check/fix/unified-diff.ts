/** A change of one text as a unified diff, as `patch` and `git apply` take it. */
import { type Edit, inOrder } from './edit.ts';

const CONTEXT = 3;

/** A run of lines, from 0, and what stands in its place. */
interface Block {
  from: number;
  to: number;
  readonly edits: Edit[];
}

/**
 * The diff; nothing where nothing is changed. Ends of lines are part of the lines, as they are part of the file.
 *
 * @param shown - what stands in the place of a line, for whom the file is not. Default: the line
 */
export function unifiedDiff(
  path: string,
  text: string,
  edits: readonly Edit[],
  shown: (line: string) => string = (line) => line,
): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const starts: number[] = [];
  let length = 0;
  for (const line of lines) {
    starts.push(length);
    length += line.length;
  }
  const lineOf = (at: number): number => {
    const next = starts.findIndex((start) => start > at);
    return Math.max(0, (next === -1 ? starts.length : next) - 1);
  };
  const blocks: Block[] = [];
  for (const edit of inOrder(edits)) {
    const [from, to] = [lineOf(edit.from), lineOf(Math.max(edit.from, edit.to)) + 1];
    const last = blocks.at(-1);
    if (last !== undefined && from <= last.to + 2 * CONTEXT) {
      last.to = Math.max(last.to, to);
      last.edits.push(edit);
    } else blocks.push({ from, to, edits: [edit] });
  }
  if (blocks.length === 0) return '';
  let shift = 0;
  const marked = (sign: string, line: string): string => withEnd(sign + shown(line));
  const hunks = blocks.map(({ from, to, edits: some }) => {
    const [start, end] = [starts[from] ?? length, starts[to] ?? length];
    let made = text.slice(start, end);
    for (const { from: at, to: until, text: instead } of some.toReversed())
      made = made.slice(0, at - start) + instead + made.slice(until - start);
    const [old, now] = [lines.slice(from, to), made.match(/[^\n]*\n|[^\n]+$/g) ?? []];
    const before = lines.slice(Math.max(0, from - CONTEXT), from);
    const after = lines.slice(to, to + CONTEXT);
    const first = from - before.length + 1;
    const sizes = [old, now].map((part) => before.length + part.length + after.length);
    const head = `@@ -${lines.length === 0 ? 0 : first},${sizes[0]} +${first + shift},${sizes[1]} @@`;
    shift += now.length - old.length;
    return [
      `${head}\n`,
      ...before.map((line) => marked(' ', line)),
      ...changed(old, now, marked),
      ...after.map((line) => marked(' ', line)),
    ].join('');
  });
  return `--- ${diffName(`a/${path}`)}\n+++ ${diffName(`b/${path}`)}\n${hunks.join('')}`;
}

/** A name as git writes it: one that could end the line, or write on a terminal, is in quotes with its bytes by number. */
function diffName(name: string): string {
  if (/^[^\p{C}\u2028\u2029"\\]*$/u.test(name)) return name;
  const bytes = [...Buffer.from(name)].map((byte) => {
    const sign = String.fromCodePoint(byte);
    return /[\w./ @+,=~-]/.test(sign) ? sign : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${bytes.join('')}"`;
}

/** Lines that are the same at both ends of a block are context. */
function changed(
  old: readonly string[],
  now: readonly string[],
  marked: (sign: string, line: string) => string,
): readonly string[] {
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same += 1;
  let tail = 0;
  while (tail < old.length - same && tail < now.length - same && old.at(-1 - tail) === now.at(-1 - tail))
    tail += 1;
  return [
    ...old.slice(0, same).map((line) => marked(' ', line)),
    ...differing(old.slice(same, old.length - tail), now.slice(same, now.length - tail), marked),
    ...old.slice(old.length - tail).map((line) => marked(' ', line)),
  ];
}

/** More lines by lines than this are shown as two blocks: the table of them would be large, and nobody would read it by lines. */
const MOST_CELLS = 250_000;

/** Of what lies between, the longest run of lines that both have stays as it is. */
function differing(
  old: readonly string[],
  now: readonly string[],
  marked: (sign: string, line: string) => string,
): readonly string[] {
  if (old.length * now.length > MOST_CELLS)
    return [...old.map((line) => marked('-', line)), ...now.map((line) => marked('+', line))];
  const width = now.length + 1;
  /** By a line of each: how many lines are the same from there on. */
  const same = new Uint16Array((old.length + 1) * width);
  for (let a = old.length - 1; a >= 0; a -= 1)
    for (let b = now.length - 1; b >= 0; b -= 1)
      same[a * width + b] =
        old[a] === now[b]
          ? (same[(a + 1) * width + b + 1] ?? 0) + 1
          : Math.max(same[(a + 1) * width + b] ?? 0, same[a * width + b + 1] ?? 0);
  const said: string[] = [];
  let [a, b] = [0, 0];
  while (a < old.length || b < now.length) {
    const isSame = a < old.length && b < now.length && old[a] === now[b];
    const drops =
      a < old.length &&
      (b >= now.length || (same[(a + 1) * width + b] ?? 0) >= (same[a * width + b + 1] ?? 0));
    if (isSame) said.push(marked(' ', old[a] ?? ''));
    else said.push(drops ? marked('-', old[a] ?? '') : marked('+', now[b] ?? ''));
    if (isSame || drops) a += 1;
    if (isSame || !drops) b += 1;
  }
  return said;
}

function withEnd(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`;
}
