/** What a package's place is taken by: edits in files, lines of the policy, or the places that a person has to look at. */
import type { Edit } from '../fix/edit.ts';
import { type ByHand, placeOf } from './wiring.ts';
import type { Called, ModuleFacts, Range } from './read-module.ts';

/** What is gathered for one package over all files. */
export class Moved {
  readonly name: string;
  readonly edits: Map<ModuleFacts, Edit[]> = new Map();
  /** What would be done at places that are understood, where the package has to stay for another reason. */
  readonly wouldBe: Map<ModuleFacts, Edit[]> = new Map();
  /** What another package takes along: a use of this one in there is none any more. */
  readonly gone: Map<ModuleFacts, readonly Edit[]> = new Map();
  /** Sections of the policy that do from now on what the package did. */
  readonly held: Set<string> = new Set();
  /** Lines of the policy. */
  readonly sections: string[] = [];
  /** By pattern: `limit: '5/minute'`. */
  readonly routes: Map<string, string> = new Map();
  readonly byHand: ByHand[] = [];
  /** Files that ask the layer for something of a request, and so import it. */
  readonly asking: Set<ModuleFacts> = new Set();

  /** Places that could go by themselves, with what is to be said of each where the package stays for another one. */
  readonly #going: { readonly module: ModuleFacts; readonly at: Range; readonly lines: readonly string[] }[] =
    [];

  constructor(name: string) {
    this.name = name;
  }

  edit(module: ModuleFacts, ...edits: readonly Edit[]): void {
    const before = this.edits.get(module);
    if (before === undefined) this.edits.set(module, [...edits]);
    else before.push(...edits);
  }

  /** A place that a program should not change. One is enough for the package to stay where it is. */
  leave(file: Pick<ModuleFacts, 'path' | 'text'>, at: Range, ...lines: readonly string[]): void {
    this.byHand.push({ where: `${placeOf(file, at)} (${this.name})`, lines });
  }

  /** Says more of such a place, where nothing was said of it but a `general` line. False: all of it was. */
  say(
    file: Pick<ModuleFacts, 'path' | 'text'>,
    at: Range,
    general: string,
    ...lines: readonly string[]
  ): boolean {
    const where = `${placeOf(file, at)} (${this.name})`;
    const before = this.byHand.findIndex((one) => one.where === where);
    if (before !== -1 && this.byHand[before]?.lines.join('\n') !== general) return false;
    this.byHand.splice(before === -1 ? this.byHand.length : before, 1, { where, lines });
    return true;
  }

  /** Such a place goes, if nothing has to stay. */
  mayGo(module: ModuleFacts, at: Range, ...lines: readonly string[]): void {
    this.#going.push({ module, at, lines });
  }

  /** Or whoever takes the package out by what was said of others loses these without a word. */
  leaveRest(): void {
    for (const { module, at, lines } of this.#going.splice(0))
      this.leave(
        module,
        at,
        '// It could go, and stays, since the package goes as a whole or not at all. What to write:',
        ...lines,
      );
  }

  /** Whether there is something of it, and nothing that has to stay. */
  get isDone(): boolean {
    return this.byHand.length === 0 && this.edits.size > 0;
  }
}

/** Between statements. */
const GAP = /^(?:\s|\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)*/;
/** What goes on with the line before, where no semicolon ends that. */
const GOES_ON = /^[([`+\-*/%.,?]/;

/** A statement, with its line where it has one of its own. */
export function removeStatement({ text }: ModuleFacts, { from, to }: Range): Edit {
  const behindGap = text.slice(to).replace(GAP, '');
  if (GOES_ON.test(behindGap)) return { from, to, text: ';' };
  const start = text.lastIndexOf('\n', from - 1) + 1;
  const behind = /^[ \t]*(?:\r\n|\n|$)/.exec(text.slice(to));
  return text.slice(start, from).trim() === '' && behind !== null
    ? { from: start, to: to + behind[0].length, text: '' }
    : { from, to, text: '' };
}

/** One argument, with its comma. */
export function removeArgument({ args }: Called, at: number): Edit {
  const [before, own, behind] = [args[at - 1], args[at], args[at + 1]];
  if (own === undefined) throw new RangeError('no such argument');
  if (behind !== undefined) return { from: own.from, to: behind.from, text: '' };
  return { from: before?.to ?? own.from, to: own.to, text: '' };
}
