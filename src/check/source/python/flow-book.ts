/** What goes from where to where, over calls and files: noted file by file, and followed when all have been seen. */
import type { FilePlace } from '../source-file.ts';
import { ownCopy } from '../own-copy.ts';
import { noteCalls } from './note-calls.ts';
import type { PythonFile } from './python-file.ts';

/** Where a value comes from. Nothing of it holds a tree of the parser: there may be a hundred thousand files. */
export type Origin =
  | { readonly kind: 'input'; readonly where: FilePlace; readonly what: string }
  | { readonly kind: 'parameter'; readonly of: string; readonly place: number }
  | {
      readonly kind: 'result';
      readonly of: string;
      readonly where: FilePlace;
      /** What stands first in the answer decides. */
      readonly leading?: boolean;
      readonly given: Given;
    };

/** What each parameter is given, by its place; those of a method without `self`. A map for each call would be most of the memory. */
export type Given = readonly (readonly Origin[])[];

/** Where a value must not come from outside. */
export interface Sink {
  readonly origins: readonly Origin[];
  readonly onReached: (way: readonly FilePlace[], what: string) => void;
}

/** What a function answers, and what stands first in that. */
export interface Answers {
  readonly whole: readonly Origin[];
  readonly leading: readonly Origin[];
}

/** The way of a value from outside. */
interface Way {
  readonly what: string;
  readonly steps: readonly FilePlace[];
}

/** Of a file with such values: nothing is known of them. */
export const NOT_FOLLOWED = 'in part: its values go through more calls than are followed';

const MOST_DEPTH = 24;
/** Steps of one way, and of all of them: two calls in each of twenty functions are a million ways. */
const MOST_WORK = 200_000;
const MOST_WORK_IN_ALL = 5_000_000;

/** Notes and follows. */
export class FlowBook {
  readonly #sinks: Sink[] = [];
  /** What parameters are given, by function and place. */
  readonly #given = new Map<
    string,
    readonly { readonly origins: readonly Origin[]; readonly where: FilePlace }[]
  >();
  /** What functions answer, and what stands first in that where it is less: an object for both would be one for each function. */
  readonly #answers = new Map<string, readonly Origin[]>();
  readonly #leading = new Map<string, readonly Origin[]>();
  readonly #read = new Set<string>();
  readonly #deep = new Set<string>();
  readonly #onCut: (path: string) => void;
  #work = 0;
  #workInAll = 0;
  #isCut = false;
  /** Parameters that nothing from outside reaches, whoever asks: each is followed once, and not for all that it is handed to. */
  readonly #unreached = new Set<string>();
  /** The same for the one value that is followed now, and how many answers it is followed through. */
  readonly #met = new Set<string>();
  #answersMet = 0;

  /** @param onCut - told the file of a value that was not followed to its end */
  constructor(onCut: (path: string) => void) {
    this.#onCut = onCut;
  }

  /** Watches a place. Its rule is told at the end, where something reaches it. */
  watch(sink: Sink): void {
    if (sink.origins.length > 0) this.#sinks.push(sink);
  }

  /** Notes what a file's functions are given and answer: once. */
  read(file: PythonFile): void {
    if (this.#read.has(file.source.path)) return;
    this.#read.add(file.source.path);
    noteCalls(file, this, false);
  }

  /** Notes that a function is given something. */
  give(of: string, place: number, origins: readonly Origin[], where: FilePlace): void {
    const key = ownCopy(`${of}#${place}`);
    // What is new may be what was missing.
    if (this.#unreached.size > 0) this.#unreached.clear();
    const all = this.#given.get(key);
    if (all === undefined) this.#given.set(key, [{ origins, where }]);
    // A new list has no room to spare, and there is one for each function of a tree.
    else if (all.length < 50) this.#given.set(key, [...all, { origins, where }]);
  }

  /** Notes what a function answers. */
  answer(of: string, given: Answers | readonly Origin[]): void {
    const { whole, leading } = 'whole' in given ? given : { whole: given, leading: given };
    if (whole.length === 0) return;
    this.#unreached.clear();
    this.#answers.set(of, whole);
    if (leading === whole) this.#leading.delete(of);
    else this.#leading.set(of, leading);
  }

  /**
   * Notes it again where something from outside reaches its functions: then what these hand on matters, too, whichever
   * file it goes to.
   */
  readDeep(file: PythonFile): void {
    this.#read.add(file.source.path);
    this.#deep.add(file.source.path);
    noteCalls(file, this, true);
  }

  /** Files that were not read so, and whose functions are given something that comes from outside as far as is known. */
  unread(): readonly string[] {
    const files = new Set<string>();
    for (const [key, given] of this.#given) {
      const path = key.slice(0, key.lastIndexOf(':'));
      if (this.#deep.has(path) || files.has(path)) continue;
      // What cannot be followed may come from outside. All at once: what leads back to it leads to each of them.
      const origins = given.flatMap((one) => one.origins);
      if (this.#wayOf(origins, new Set([key])) !== 'none') files.add(path);
    }
    return [...files];
  }

  /** Tells each rule what reaches its places. */
  settle(): void {
    for (const { origins, onReached } of this.#sinks) {
      let way: Way | 'cut' | 'none' = 'cut';
      try {
        way = this.#wayOf(origins, new Set());
      } catch {
        // Whatever goes wrong, a value that was not followed is no clean one: `cut`, and the others are followed.
      }
      if (way === 'cut') for (const path of new Set(origins.map(fileOf))) this.#onCut(path);
      else if (way !== 'none') onReached(way.steps, way.what);
    }
  }

  /** A way from outside; `cut` where none was found and not all was looked at. */
  #wayOf(origins: readonly Origin[], seen: ReadonlySet<string>): Way | 'cut' | 'none' {
    this.#work = 0;
    this.#isCut = false;
    this.#met.clear();
    this.#answersMet = 0;
    const way = this.#follow(origins, seen, 0);
    if (way !== undefined) return way;
    if (this.#isCut) return 'cut';
    // All that was met on the way leads nowhere, or to what was met.
    for (const key of this.#met) this.#unreached.add(key);
    return 'none';
  }

  #follow(
    origins: readonly Origin[],
    seen: ReadonlySet<string>,
    depth: number,
    within?: Within,
  ): Way | undefined {
    for (const origin of origins) {
      const way = this.#followOne(origin, seen, depth, within);
      if (way !== undefined) return way;
    }
    return undefined;
  }

  /** Every step goes through here, so that none passes the bounds. */
  #followOne(
    origin: Origin,
    seen: ReadonlySet<string>,
    depth: number,
    within: Within | undefined,
  ): Way | undefined {
    this.#work += 1;
    this.#workInAll += 1;
    if (depth > MOST_DEPTH || this.#work > MOST_WORK || this.#workInAll > MOST_WORK_IN_ALL) {
      this.#isCut = true;
      return undefined;
    }
    switch (origin.kind) {
      case 'input':
        return { what: origin.what, steps: [origin.where] };
      case 'parameter': {
        const call = callOf(origin.of, within);
        if (call !== undefined)
          return this.#follow(call.given[origin.place] ?? [], seen, depth + 1, call.outer);
        const key = `${origin.of}#${origin.place}`;
        if (seen.has(key) || this.#met.has(key) || this.#unreached.has(key)) return undefined;
        const after = new Set(seen).add(key);
        for (const { origins, where } of this.#given.get(key) ?? []) {
          const way = this.#follow(origins, after, depth + 1);
          if (way !== undefined) return { what: way.what, steps: [...way.steps, where] };
        }
        // Within an answer, what else that function answers is left out: no more is known than for this one call.
        if (this.#answersMet === 0 && !this.#isCut) this.#met.add(key);
        return undefined;
      }
      case 'result':
        return this.#followResult(origin, seen, depth, within);
    }
  }

  /** What a function answers, with its parameters standing for what this one call gave it. */
  #followResult(
    { of, given, where, leading }: Extract<Origin, { kind: 'result' }>,
    seen: ReadonlySet<string>,
    depth: number,
    outer: Within | undefined,
  ): Way | undefined {
    if (seen.has(of)) return undefined;
    const after = new Set(seen).add(of);
    this.#answersMet += 1;
    const first = leading === true ? this.#leading.get(of) : undefined;
    for (const origin of first ?? this.#answers.get(of) ?? []) {
      const way = this.#followOne(origin, after, depth + 1, { of, given, outer });
      if (way !== undefined) return { what: way.what, steps: [...way.steps, where] };
    }
    this.#answersMet -= 1;
    return undefined;
  }
}

/** The calls that one is in, the innermost first: a parameter of these is what this one call gave, and nobody else. */
interface Within {
  readonly of: string;
  readonly given: Given;
  readonly outer: Within | undefined;
}

function callOf(of: string, within: Within | undefined): Within | undefined {
  let call = within;
  while (call !== undefined && call.of !== of) call = call.outer;
  return call;
}

/** The file that a value is used in. */
function fileOf(origin: Origin): string {
  return origin.kind === 'parameter' ? origin.of.slice(0, origin.of.lastIndexOf(':')) : origin.where.file;
}
