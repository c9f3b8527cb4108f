/** A tree under check: which files there are, and what is in those that somebody asks for. */
import { join } from 'node:path';
import { PythonProject } from './python/project.ts';
import { BINARY, type ReadText, readText } from './read-text.ts';
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
  /** What was read of it last; undefined: it cannot be read, which is told of once. */
  readonly #files = new Map<string, SourceFile | undefined>();
  /** Those whose text is in memory, with its length. */
  readonly #texts = new Map<SourceFile, number>();
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
    const known = this.#files.get(path);
    if (known !== undefined) {
      // What is asked for again stays: a module that everybody imports is read once.
      const length = this.#texts.get(known) ?? 0;
      this.#texts.delete(known);
      this.#texts.set(known, length);
      return known;
    }
    if (this.#files.has(path)) return undefined;
    const read = this.#read(path);
    if ('why' in read && !(mayBeBinary && read.why === BINARY)) this.notScan({ path, why: read.why });
    const file = 'why' in read ? undefined : new SourceFile(path, read.text, this.#readAgain);
    this.#files.set(path, file);
    if (file !== undefined) this.#keep(file, file.text.length);
    return file;
  }

  #read(path: string): ReadText {
    const instead = this.#instead.get(path);
    return instead === undefined ? readText(join(this.root, path), this.limits.fileBytes) : { text: instead };
  }

  /** For whoever has kept the file, and not what is in it. */
  readonly #readAgain = (file: SourceFile): string => {
    const read = this.#read(file.path);
    if ('why' in read) {
      this.notScan({ path: file.path, why: read.why });
      return '';
    }
    this.#keep(file, read.text.length);
    return read.text;
  };

  #keep(file: SourceFile, length: number): void {
    this.#texts.set(file, length);
    this.#size += length;
    for (const [oldest, size] of this.#texts) {
      if (this.#size <= MOST_KEPT || oldest === file) break;
      this.#texts.delete(oldest);
      this.#size -= size;
      oldest.release();
      if (this.#files.get(oldest.path) === oldest) this.#files.delete(oldest.path);
    }
  }
}
