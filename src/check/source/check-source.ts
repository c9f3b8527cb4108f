/** Checks a source tree: every file once, one after the other, with room between for whoever waits. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { type CheckReport, reportOf } from '../report/report.ts';
import { EnforcedBook } from './enforced/enforced-book.ts';
import { loadSourceRules } from './load-source-rules.ts';
import { RuleAtWork } from './rule-at-work.ts';
import type { SourceRule } from './source-rule.ts';
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
  const work = rules.map((rule) => new RuleAtWork(rule, tree));
  const enforced = new EnforcedBook(tree);
  const looked = await lookAtAll(tree, work, options.onFile, enforced);
  const results = work.map((one) => one.result());
  // Where the rule that tells of it was not asked, it is told of all the same.
  const untold = rules.some(({ id }) => id === 'source.scanned') ? [] : notScanned.report;
  return {
    ...reportOf(results, {
      source: resolve(root),
      requests: 0,
      limited: 0,
      leftOut: [...leftOut.report, ...untold, ...work.flatMap((one) => one.leftOut)],
      enforced: enforced.all,
      blind: work.map((one) => one.blind).find((why) => why !== undefined),
    }),
    notScanned: notScanned.all,
    files: { seen: paths.size, ...looked },
  };
}

async function lookAtAll(
  tree: SourceTree,
  work: readonly RuleAtWork[],
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
