/** A tree under check: which files there are, and what is in those that somebody asks for. */
import { join } from 'node:path';
import { PythonProject } from './python/project.ts';
import { BINARY, readText } from './read-text.ts';
import { SourceFile } from './source-file.ts';
import type { Told } from './told.ts';
import type { NotLooked, TreeLimits } from './walk-tree.ts';

/** How much text is kept in memory beside the file at hand, in UTF-16 units. */
const MOST_KEPT = 2_000_000;

/** Files by path, read when they are asked for. Of what was read, the newest few megabytes are kept. */
export class SourceTree {
  readonly root: string;
  readonly limits: TreeLimits;
  /** Every file of the tree. */
  readonly paths: ReadonlySet<string>;
  /** Python over several files. */
  readonly python: PythonProject;
  readonly #told: Told;
  readonly #kept = new Map<string, SourceFile | undefined>();
  #size = 0;

  /** What a file would hold, for whoever wants to know what is said of it then. */
  readonly #instead: ReadonlyMap<string, string>;

  constructor(
    root: string,
    paths: ReadonlySet<string>,
    limits: TreeLimits,
    told: Told,
    instead: ReadonlyMap<string, string> = new Map(),
  ) {
    this.root = root;
    this.#instead = instead;
    this.paths = paths;
    this.limits = limits;
    this.#told = told;
    this.python = new PythonProject(this);
  }

  /** What could not be read or understood, so far. */
  get notScanned(): readonly NotLooked[] {
    return this.#told.all;
  }

  /** Notes that a file, or some of it, could not be looked at. */
  notScan(what: NotLooked): void {
    this.#told.add(what);
  }

  /** A file of this tree; undefined where there is none that can be read as text. */
  file(path: string, mayBeBinary = false): SourceFile | undefined {
    if (!this.paths.has(path)) return undefined;
    const known = this.#kept.get(path);
    if (known !== undefined) {
      // What is asked for again stays: a module that everybody imports is read once.
      this.#kept.delete(path);
      this.#kept.set(path, known);
      return known;
    }
    if (this.#kept.has(path)) return undefined;
    const instead = this.#instead.get(path);
    const read =
      instead === undefined ? readText(join(this.root, path), this.limits.fileBytes) : { text: instead };
    if ('why' in read && !(mayBeBinary && read.why === BINARY)) this.notScan({ path, why: read.why });
    const file = 'why' in read ? undefined : new SourceFile(path, read.text);
    this.#keep(path, file);
    return file;
  }

  #keep(path: string, file: SourceFile | undefined): void {
    this.#kept.set(path, file);
    this.#size += sizeOf(file);
    for (const [oldest, old] of this.#kept) {
      if (this.#size <= MOST_KEPT || oldest === path) break;
      // One that could not be read is remembered, so that it is told of once.
      if (old === undefined) continue;
      this.#kept.delete(oldest);
      this.python.forget(oldest);
      this.#size -= sizeOf(old);
    }
  }
}

function sizeOf(file: SourceFile | undefined): number {
  return file?.text.length ?? 0;
}
