/** A file of the tree, as far as it was read. */
import type { Where } from '../../core/rule.ts';

/** Where in the tree something stands. */
export type FilePlace = Required<Pick<Where, 'file' | 'line' | 'column'>>;

/** The text of one file, and where in it something stands. */
export class SourceFile {
  /** From the root of the tree, with `/` between. */
  readonly path: string;
  readonly #again: ((file: SourceFile) => string) | undefined;
  #text: string | undefined;
  #lines: readonly number[] | undefined;
  #shown: string | undefined;
  /** One for all that is noted of it, some of it until the end of the run. */
  #places: Map<number, FilePlace> | undefined;

  /** @param again - reads the text once more, where it was let go of */
  constructor(path: string, text: string, again?: (file: SourceFile) => string) {
    this.path = path;
    this.#text = text;
    this.#again = again;
  }

  /** The whole of it: read again where it is not in memory any more. */
  get text(): string {
    return (this.#text ??= this.#again?.(this) ?? '');
  }

  /** Lets go of the text, so that whoever keeps a place in a file keeps no more than that. */
  release(): void {
    if (this.#again === undefined) return;
    this.#text = undefined;
    this.#lines = undefined;
    this.#places = undefined;
  }

  /** The place of a position, for people. */
  where(at: number): FilePlace {
    this.#places ??= new Map();
    const known = this.#places.get(at);
    if (known !== undefined) return known;
    const place = this.#placeOf(at);
    this.#places.set(at, place);
    return place;
  }

  #placeOf(at: number): FilePlace {
    const line = this.#lineAt(at);
    this.#shown ??= shownPath(this.path);
    return { file: this.#shown, line: line + 1, column: at - (this.#starts()[line] ?? 0) + 1 };
  }

  /** The line that a position stands in, without the blanks around it. */
  lineOf(at: number): string {
    const starts = this.#starts();
    const line = this.#lineAt(at);
    return this.text.slice(starts[line], starts[line + 1]).trim();
  }

  #lineAt(at: number): number {
    const starts = this.#starts();
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #starts(): readonly number[] {
    if (this.#lines === undefined) {
      this.#lines = lineStarts(this.text);
    }
    return this.#lines;
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  if (text.includes('\r')) {
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
    return starts;
  }
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** A file's name can hold anything but a NUL: what would write on a terminal or begin a line is written as an escape. */
export function shownPath(path: string): string {
  return path.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029\\]/gu, (one) =>
    one === '\\' ? '\\\\' : `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
