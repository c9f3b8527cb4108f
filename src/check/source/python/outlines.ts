/** What modules hand to others, without what their functions do: kept for many files at once. */
import type { SourceTree } from '../source-tree.ts';
import { outlinePython } from './parse-python.ts';
import type { PythonProject } from './project.ts';
import { PythonFile } from './python-file.ts';

/** How much is kept: the length of what was read of them, and so much more for each function and class. */
const MOST_KEPT = 2_000_000;
const OF_A_SCOPE = 100;

interface Kept {
  readonly file: PythonFile;
  readonly size: number;
}

/** Outlines by path: made when they are asked for, and of these the ones that were asked for last. */
export class Outlines {
  readonly #tree: SourceTree;
  readonly #project: PythonProject;
  readonly #kept = new Map<string, Kept>();
  #size = 0;

  constructor(tree: SourceTree, project: PythonProject) {
    this.#tree = tree;
    this.#project = project;
  }

  /** Undefined where the file cannot be read. */
  of(path: string): PythonFile | undefined {
    const known = this.#kept.get(path);
    if (known !== undefined) {
      this.#kept.delete(path);
      this.#kept.set(path, known);
      return known.file;
    }
    const source = this.#tree.file(path);
    if (source === undefined) return undefined;
    const { module, read } = outlinePython(source.text);
    const file = new PythonFile(source, module, this.#project);
    this.#keep(path, { file, size: read + file.scopes.length * OF_A_SCOPE });
    return file;
  }

  #keep(path: string, kept: Kept): void {
    this.#kept.set(path, kept);
    this.#size += kept.size;
    for (const [oldest, { size }] of this.#kept) {
      if (this.#size <= MOST_KEPT || oldest === path) return;
      this.#kept.delete(oldest);
      this.#size -= size;
    }
  }
}
