/** A rule at work on a tree, and what came of it. */
import { type Fault, held, type Level, notSeen, type Outcome } from '../../core/rule.ts';
import { type LeftOut, resultOf, type RuleResult } from '../report/report.ts';
import { failureText, requireFault } from '../rule-mistake.ts';
import { maskSecrets } from './mask-secrets.ts';
import { SourceFile } from './source-file.ts';
import type { Looker, SourceFault, SourceRule } from './source-rule.ts';
import type { SourceTree } from './source-tree.ts';

/** Of each level: a file full of notes takes no place from a warning. */
const MOST_FAULTS = 2000;
const LEVELS: readonly Level[] = ['error', 'warning', 'note'];

/** One rule, asked of each file. No mistake of its own ends the run, and none is a pass. */
export class RuleAtWork {
  readonly #rule: SourceRule;
  readonly #faults = new Map<string, Fault>();
  readonly #kept: Record<Level, number> = { error: 0, warning: 0, note: 0 };
  readonly #over: Record<Level, number> = { error: 0, warning: 0, note: 0 };
  #looker: Looker | undefined;
  #words: RegExp | undefined;
  #failed: string | undefined;
  #looked = 0;
  #last: { readonly file: SourceFile; readonly line: number; readonly masked: string } | undefined;

  constructor(rule: SourceRule, tree: SourceTree) {
    this.#rule = rule;
    this.#guarded(() => {
      const looker: unknown = rule.start(tree);
      requireLooker(looker);
      this.#words = stateless(looker.words);
      this.#looker = looker;
    });
  }

  reads(path: string): boolean {
    return this.#guarded(() => this.#looker?.reads(path)) === true;
  }

  get binaryToo(): boolean {
    return this.#guarded(() => this.#looker?.binaryToo) === true;
  }

  get isLast(): boolean {
    return this.#guarded(() => this.#looker?.last) === true;
  }

  look(file: SourceFile): void {
    this.#looked += 1;
    if (this.#words?.test(file.text) === false) return;
    this.#guarded(() => atOnce(this.#looker?.look?.(file, (fault) => this.#say(fault))));
  }

  end(): void {
    this.#guarded(() => atOnce(this.#looker?.end?.((fault) => this.#say(fault))));
  }

  result(): RuleResult {
    const result = resultOf(this.#rule, this.#outcome(), NO_SECRETS);
    if (result.outcome !== 'not-seen') return result;
    // A tree without files for a rule hides nothing from it.
    return this.#failed === undefined ? { ...result, lacks: 'source' } : { ...result, failed: true };
  }

  /** Findings over the bound, by level. */
  get leftOut(): readonly LeftOut[] {
    return LEVELS.flatMap((level) => {
      const count = this.#over[level];
      const why = `${this.#rule.id} found more than ${MOST_FAULTS} of level ${level}`;
      return count === 0 ? [] : [{ why, count, paths: [] }];
    });
  }

  /** Why what it has said is not all that there is. */
  get blind(): string | undefined {
    const { id, package: name } = this.#rule;
    const rule = `The rule ${id}${name === undefined ? '' : ` of ${name}`}`;
    if (this.#failed !== undefined) return `${rule} could not run to its end, so this is no pass.`;
    return this.leftOut.length === 0
      ? undefined
      : `${rule} found more than a report holds, and the rest is left out, so this is no pass.`;
  }

  #outcome(): Outcome {
    const [first, ...rest] = this.#faults.values();
    if (first !== undefined) return { outcome: 'fell-short', faults: [first, ...rest] };
    if (this.#failed !== undefined) return notSeen(this.#failed);
    return this.#looked === 0 ? notSeen('the tree has no file that it reads') : held(`${this.#looked} files`);
  }

  #guarded<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      this.#failed ??= failureText(this.#rule, error);
      return undefined;
    }
  }

  /** A line of a megabyte, of which a thousand things are said, is masked once. */
  #lineOf(file: SourceFile, line: number, at: number): string {
    if (this.#last?.file !== file || this.#last.line !== line)
      this.#last = { file, line, masked: maskSecrets(file.lineOf(at)) };
    return this.#last.masked;
  }

  #say(given: SourceFault): void {
    requireFault(given);
    const { at, level = this.#rule.level, message, evidence, fix, confidence = 'medium', flow } = given;
    const { file, offset } = placeOf(at);
    const where = file.where(offset);
    const line = this.#lineOf(file, where.line, offset);
    const key = `${where.file}:${where.line}:${message}`;
    const before = this.#faults.get(key);
    if (before !== undefined) {
      // The worst that was said of a place stays.
      if (LEVELS.indexOf(before.level) < LEVELS.indexOf(level)) return;
      this.#kept[before.level] -= 1;
      this.#faults.delete(key);
    }
    if (this.#kept[level] === MOST_FAULTS) {
      this.#over[level] += 1;
      return;
    }
    this.#kept[level] += 1;
    this.#faults.set(key, {
      level,
      message,
      evidence: evidence === undefined ? line : maskSecrets(evidence),
      fix,
      where,
      confidence,
      // The line itself, so that the same thing is the same finding wherever it has moved to.
      mark: `${message} ${line}`,
      // Its last step is the line as it stands.
      ...(flow !== undefined && {
        flow: flow.map((step) => Object.assign({}, step, { message: maskSecrets(step.message) })),
      }),
    });
  }
}

const NO_SECRETS: ReadonlySet<string> = new Set();

function requireLooker(given: unknown): asserts given is Looker {
  const { reads, look, end, words } = (given ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof reads !== 'function') throw new TypeError('start must give an object with reads');
  for (const [name, one] of Object.entries({ look, end }))
    if (one !== undefined && typeof one !== 'function') throw new TypeError(`${name} must be a function`);
  if (words !== undefined && !(words instanceof RegExp))
    throw new TypeError('words must be a regular expression');
}

/** With `g` or `y` it goes on where it has ended in the file before, and sees every second file. */
function stateless(words: RegExp | undefined): RegExp | undefined {
  return words === undefined || !(words.global || words.sticky)
    ? words
    : new RegExp(words.source, words.flags.replaceAll(/[gy]/g, ''));
}

/** What is said later is said to nobody. */
function atOnce(answer: unknown): void {
  if (!(answer instanceof Promise)) return;
  answer.catch(() => undefined);
  throw new TypeError('look and end must do their work at once, and give no promise');
}

function placeOf(at: unknown): { readonly file: SourceFile; readonly offset: number } {
  const { file, at: offset } = (at ?? {}) as Readonly<Record<string, unknown>>;
  if (!(file instanceof SourceFile) || typeof offset !== 'number' || !Number.isInteger(offset))
    throw new TypeError('at of a fault must be a file and a place in it');
  return { file, offset: Math.min(Math.max(0, offset), file.text.length) };
}
