/** Checks a source tree: every file once, one after the other, with room between for whoever waits. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { type Fault, held, notSeen, type Outcome } from '../../core/rule.ts';
import { type CheckReport, reportOf, resultOf, type RuleResult } from '../report/report.ts';
import { EnforcedBook } from './enforced/enforced-book.ts';
import { loadSourceRules } from './load-source-rules.ts';
import { maskSecrets } from './mask-secrets.ts';
import type { SourceFile } from './source-file.ts';
import type { Looker, SourceFault, SourceRule } from './source-rule.ts';
import { SourceTree } from './source-tree.ts';
import { Told } from './told.ts';
import { type NotLooked, type TreeLimits, walkTree } from './walk-tree.ts';

/** What to look for, and how far to go. */
export interface SourceOptions {
  /** Default: every rule there is. */
  readonly rules?: readonly SourceRule[];
  readonly limits?: Partial<TreeLimits>;
  /** Texts by path that are looked at in the place of what is there. */
  readonly instead?: ReadonlyMap<string, string>;
  /** Told after each file that was looked at, with how many there are. */
  readonly onFile?: (done: number, all: number) => void;
  /** Told of each folder that is walked, from the root. */
  readonly onFolder?: (path: string) => void;
}

/** A whole run over a tree. */
export interface SourceReport extends CheckReport {
  /** Files that a rule wanted and could not read or understand, wholly or in part: no pass. */
  readonly notScanned: readonly NotLooked[];
  readonly files: {
    /** All of the tree. */
    readonly seen: number;
    /** Those that a rule looked at. */
    readonly looked: number;
    /** The length of those, in UTF-16 units. */
    readonly length: number;
  };
}

const LIMITS: TreeLimits = { files: 100_000, fileBytes: 1024 * 1024, depth: 64 };
const MOST_FAULTS = 2000;

/**
 * Runs rules over a tree and returns what each ended with.
 *
 * @param root - a folder
 * @throws TypeError where it is none
 */
export async function checkSource(root: string, options: SourceOptions = {}): Promise<SourceReport> {
  const facts = await stat(root).catch(() => undefined);
  if (facts?.isDirectory() !== true) throw new TypeError('source must be a folder that can be read');
  const limits = { ...LIMITS, ...options.limits };
  const rules = options.rules ?? (await loadSourceRules());
  const leftOut = new Told();
  const notScanned = new Told();
  const paths = new Set<string>();
  const walk = walkTree(resolve(root), limits, {
    onLeftOut: (what) => leftOut.add(what),
    onCut: (what) => notScanned.add(what),
    onFolder: options.onFolder,
  });
  for await (const path of walk) paths.add(path);
  const tree = new SourceTree(resolve(root), paths, limits, notScanned, options.instead);
  const work = rules.map((rule) => new Work(rule, tree));
  const enforced = new EnforcedBook();
  const looked = await lookAtAll(tree, work, options.onFile, enforced);
  const results = work.map((one) => one.result());
  // Where the rule that tells of it was not asked, it is told of all the same.
  const untold = rules.some(({ id }) => id === 'source.scanned') ? [] : notScanned.report;
  return {
    ...reportOf(results, {
      source: resolve(root),
      requests: 0,
      limited: 0,
      leftOut: [...leftOut.report, ...untold],
      enforced: enforced.all,
    }),
    notScanned: notScanned.all,
    files: { seen: paths.size, ...looked },
  };
}

async function lookAtAll(
  tree: SourceTree,
  work: readonly Work[],
  onFile: SourceOptions['onFile'],
  enforced: EnforcedBook,
): Promise<Pick<SourceReport['files'], 'looked' | 'length'>> {
  let [looked, length, done] = [0, 0, 0];
  for (const path of tree.paths) {
    done += 1;
    const readers = work.filter((one) => one.reads(path));
    if (readers.length === 0) continue;
    const file = tree.file(
      path,
      readers.every((one) => one.binaryToo),
    );
    if (file === undefined) continue;
    looked += 1;
    length += file.text.length;
    for (const reader of readers) reader.look(file);
    enforced.look(file);
    onFile?.(done, tree.paths.size);
    // Without it, nothing that a file left behind is given back until the last.
    await breathe();
  }
  try {
    for (const path of tree.python.asked()) {
      const file = tree.file(path);
      if (file !== undefined) for (const one of work) if (one.reads(path)) one.look(file);
      await breathe();
    }
    tree.python.flows.settle();
  } catch (error) {
    // Rules without their flows have not seen what these lead to.
    const why = error instanceof Error ? error.message : String(error);
    tree.notScan({ path: '...', why: `in part: values were not followed over calls (${why})` });
  }
  for (const one of work.toSorted((a, b) => Number(a.isLast) - Number(b.isLast))) one.end();
  return { looked, length };
}

/** A rule at work, and what came of it. */
class Work {
  readonly #rule: SourceRule;
  readonly #faults = new Map<string, Fault>();
  #looker: Looker | undefined;
  #failed: string | undefined;
  #looked = 0;
  #last: { readonly file: SourceFile; readonly line: number; readonly masked: string } | undefined;

  constructor(rule: SourceRule, tree: SourceTree) {
    this.#rule = rule;
    this.#guarded(() => (this.#looker = rule.start(tree)));
  }

  reads(path: string): boolean {
    return this.#looker?.reads(path) === true;
  }

  get binaryToo(): boolean {
    return this.#looker?.binaryToo === true;
  }

  get isLast(): boolean {
    return this.#looker?.last === true;
  }

  look(file: SourceFile): void {
    this.#looked += 1;
    const { words, look } = this.#looker ?? {};
    if (words !== undefined && !words.test(file.text)) return;
    this.#guarded(() => look?.(file, (fault) => this.#say(fault)));
  }

  end(): void {
    this.#guarded(() => this.#looker?.end?.((fault) => this.#say(fault)));
  }

  result(): RuleResult {
    const result = resultOf(this.#rule, this.#outcome(), NO_SECRETS);
    if (result.outcome !== 'not-seen' || this.#failed !== undefined) return result;
    // A tree without files for a rule hides nothing from it.
    return { ...result, lacks: 'source' };
  }

  #outcome(): Outcome {
    const [first, ...rest] = this.#faults.values();
    if (first !== undefined) return { outcome: 'fell-short', faults: [first, ...rest] };
    if (this.#failed !== undefined) return notSeen(this.#failed);
    return this.#looked === 0 ? notSeen('the tree has no file that it reads') : held(`${this.#looked} files`);
  }

  /** A mistake of a rule's own ends no run, and is no pass. */
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#failed = `the rule failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** A line of a megabyte, of which a thousand things are said, is masked once. */
  #lineOf(file: SourceFile, line: number, at: number): string {
    if (this.#last?.file !== file || this.#last.line !== line)
      this.#last = { file, line, masked: maskSecrets(file.lineOf(at)) };
    return this.#last.masked;
  }

  #say({ at: { file, at }, level, message, evidence, fix, confidence = 'medium', flow }: SourceFault): void {
    const where = file.where(at);
    const line = this.#lineOf(file, where.line, at);
    const key = `${where.file}:${where.line}:${message}`;
    if (this.#faults.size === MOST_FAULTS && !this.#faults.has(key)) return;
    this.#faults.set(key, {
      level: level ?? this.#rule.level,
      message,
      evidence: evidence === undefined ? line : maskSecrets(evidence),
      fix,
      where,
      confidence,
      // The line itself, so that the same thing is the same finding wherever it has moved to.
      mark: `${message} ${line}`,
      // Its last step is the line as it stands.
      ...(flow !== undefined && {
        flow: flow.map((step) => ({ ...step, message: maskSecrets(step.message) })),
      }),
    });
  }
}

const NO_SECRETS: ReadonlySet<string> = new Set();
