/** Looks at a tree again whenever something in it changes: by the rules that read what has changed, and by no other. */
import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Finding } from '../finding.ts';
import { allFindings, type RuleResult } from '../report/report.ts';
import { checkSource, type SourceOptions } from './check-source.ts';
import type { SourceRule } from './source-rule.ts';
import { SourceTree } from './source-tree.ts';
import { Told } from './told.ts';

/** What is different since the last look. */
export interface WatchedChange {
  /** In the order of reports; all of them at the first look. */
  readonly found: readonly Finding[];
  readonly gone: readonly Finding[];
  /** Every finding that there is now. */
  readonly all: readonly Finding[];
  /** How many rules were asked. */
  readonly rules: number;
}

/** How a tree is watched. */
export interface WatchOptions extends SourceOptions {
  readonly rules: readonly SourceRule[];
  /** Told after each look. */
  readonly onLook: (change: WatchedChange) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Has all of it looked at again. */
  readonly again?: (look: () => void) => void;
}

/** An editor writes a file in several steps, and a checkout a thousand files: one look for all of them. */
const QUIET_MS = 120;
const MOST_MS = 2000;
/** Each is a handle of the system. */
const MOST_FOLDERS = 4000;

/**
 * Watches until it is aborted.
 *
 * @throws TypeError where the root is no folder, or has more folders than can be watched
 */
export async function watchSource(root: string, options: WatchOptions): Promise<void> {
  const watching = new Watching(resolve(root), options);
  try {
    await watching.run();
  } finally {
    watching.close();
  }
}

class Watching {
  readonly #root: string;
  readonly #options: WatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #results = new Map<string, RuleResult>();
  /** Paths that have changed since the last look; undefined where all is to be looked at. */
  #changed: Set<string> | undefined;
  #wake: (() => void) | undefined;
  #isDue = true;
  #events = 0;

  constructor(root: string, options: WatchOptions) {
    this.#root = root;
    this.#options = options;
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  async run(): Promise<void> {
    const { signal, again } = this.#options;
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake);
    again?.(() => {
      this.#changed = undefined;
      this.#due();
    });
    try {
      while (!signal.aborted) {
        if (!this.#isDue) await this.#waitForChange();
        if (signal.aborted) return;
        this.#isDue = false;
        await this.#look();
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  async #look(): Promise<void> {
    const { rules, onLook } = this.#options;
    const changed = this.#changed;
    // What changes from here on is for the next look.
    this.#changed = new Set();
    const asked = changed === undefined ? rules : this.#readersOf(changed);
    if (asked.length === 0) return;
    const before = this.#findings();
    const folders = new Set<string>();
    const report = await checkSource(this.#root, {
      ...this.#options,
      rules: asked,
      onFolder: (path) => void folders.add(path),
    });
    for (const result of report.results) this.#results.set(result.rule, result);
    this.#follow(folders);
    const all = this.#findings();
    onLook({ found: without(all, before), gone: without(before, all), all, rules: asked.length });
  }

  #findings(): readonly Finding[] {
    return allFindings([...this.#results.values()]);
  }

  /** A folder that came or went changes files that nobody has named; and what could not be read is told of by one rule for all. */
  #readersOf(changed: ReadonlySet<string>): readonly SourceRule[] {
    const { rules } = this.#options;
    const isFolder = (path: string): boolean =>
      this.#watchers.has(path) ||
      lstatSync(join(this.#root, path), { throwIfNoEntry: false })?.isDirectory() === true;
    if (this.#results.get(SCANNED)?.outcome === 'fell-short' || [...changed].some(isFolder)) return rules;
    const tree = new SourceTree(this.#root, changed, LIMITS, new Told());
    const readers = rules.filter((rule) => {
      const { reads } = rule.start(tree);
      return rule.id !== SCANNED && [...changed].some((path) => reads(path));
    });
    return readers.length === 0 ? [] : rules.filter((rule) => rule.id === SCANNED || readers.includes(rule));
  }

  /** Watches the folders there are, and no other. */
  #follow(folders: ReadonlySet<string>): void {
    if (folders.size > MOST_FOLDERS)
      throw new TypeError(`the source has more than ${MOST_FOLDERS} folders: watch one of them`);
    for (const [path, watcher] of this.#watchers) {
      if (folders.has(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    for (const path of folders) {
      if (this.#watchers.has(path)) continue;
      const watcher = watch(join(this.#root, path), { persistent: true }, (_kind, name) => {
        this.#events += 1;
        this.#changed?.add(name === null ? path : [path, name].filter((part) => part !== '').join('/'));
        this.#due();
      });
      // A folder that is gone is told of by the one above it.
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(path);
      });
      this.#watchers.set(path, watcher);
    }
  }

  #due(): void {
    this.#isDue = true;
    this.#wake?.();
  }

  /** The first change, and then until nothing more comes for a moment. */
  async #waitForChange(): Promise<void> {
    const { signal } = this.#options;
    const sleep = (most?: number): Promise<void> =>
      new Promise((done) => {
        const timer = most === undefined ? undefined : setTimeout(done, most);
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    await sleep();
    const end = Date.now() + MOST_MS;
    let seen = -1;
    while (!signal.aborted && Date.now() < end && seen !== this.#events) {
      seen = this.#events;
      await sleep(QUIET_MS);
    }
    this.#wake = undefined;
  }
}

/** The rule that speaks of what the others could not read. */
const SCANNED = 'source.scanned';
const LIMITS = { files: 100_000, fileBytes: 1024 * 1024, depth: 64 };

function without(some: readonly Finding[], others: readonly Finding[]): readonly Finding[] {
  const known = new Set(others.map(({ fingerprint }) => fingerprint));
  return some.filter(({ fingerprint }) => !known.has(fingerprint));
}
