/** Python over several files: which module an import means, and what was read of it. */
import { posix } from 'node:path';
import type { SourceFile } from '../source-file.ts';
import type { SourceTree } from '../source-tree.ts';
import type { ImportedName } from './ast.ts';
import { FlowBook, NOT_FOLLOWED } from './flow-book.ts';
import { Outlines } from './outlines.ts';
import { parsePython } from './parse-python.ts';
import { PythonFile } from './python-file.ts';

/** What was found is kept for so many imports: ten thousand folders ask for the same hundred modules each. */
const MOST_LOOK_UPS = 50_000;

/** The Python of one tree. */
export class PythonProject {
  readonly flows: FlowBook;
  readonly #tree: SourceTree;
  readonly #words = new Set<string>();
  /** The one that rules look at, one rule after the other: of no other file is everything in memory. */
  #last: PythonFile | undefined;
  readonly #outlines: Outlines;
  /** By path, whether there is a word that a rule asks for. */
  readonly #worded = new Map<string, boolean>();
  /** Without one, and looked at all the same. */
  readonly #asked = new Set<string>();
  readonly #places = new WeakMap<ImportedName, ImportedPlace>();
  /** By folder, what has been looked for from there. */
  readonly #found = new Map<string, Map<string, string | undefined>>();
  #lookUps = 0;
  #pattern: RegExp | undefined;

  constructor(tree: SourceTree) {
    this.#tree = tree;
    this.#outlines = new Outlines(tree, this);
    this.flows = new FlowBook((path) => tree.notScan({ path, why: NOT_FOLLOWED }));
  }

  /** Says that files with one of these words matter: all others are read, and not parsed. */
  watchFor(words: readonly string[]): void {
    for (const word of words) this.#words.add(word);
    this.#pattern = undefined;
  }

  /** A file, parsed; undefined where it has no word that any rule asks for. */
  look(file: SourceFile): PythonFile | undefined {
    const { path } = file;
    if (this.#last?.source.path === path) return this.#last;
    return this.#asked.has(path) || this.#hasWords(path, file) ? this.#parse(file) : undefined;
  }

  #hasWords(path: string, at?: SourceFile): boolean {
    const known = this.#worded.get(path);
    if (known !== undefined) return known;
    const file = at ?? this.#tree.file(path);
    if (file === undefined) return false;
    this.#pattern ??= new RegExp(`\\b(?:${[...this.#words].join('|')})`);
    const has = this.#pattern.test(file.text);
    this.#worded.set(path, has);
    return has;
  }

  /**
   * The module that an import means, where it is a file of this tree.
   *
   * @param onlyWithWords - not one that no rule has a word in: parsing is what a run costs
   */
  imported(
    name: ImportedName,
    from: string,
    onlyWithWords = false,
  ): { readonly file: PythonFile; readonly what?: string } | undefined {
    const { path, isModule } = this.#placeOf(name, from);
    if (path === undefined) return undefined;
    if (onlyWithWords && !this.#hasWords(path)) return undefined;
    const file = this.#named(path);
    if (file === undefined) return undefined;
    return !isModule && name.what !== undefined ? { file, what: name.what } : { file };
  }

  /** Where it lies. A name is asked for at each of its uses. */
  #placeOf(name: ImportedName, from: string): ImportedPlace {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const whole = name.what === undefined ? undefined : joined(name.module, name.what);
    const asModule = whole === undefined ? undefined : this.#find(name.up, whole, from);
    const path = asModule ?? this.#find(name.up, name.module, from);
    const place = { path, isModule: asModule !== undefined };
    this.#places.set(name, place);
    return place;
  }

  /** What others can name of a file: all of it, where it is at hand. */
  #named(path: string): PythonFile | undefined {
    return this.#last?.source.path === path ? this.#last : this.#outlines.of(path);
  }

  /** A module by its dotted name, as a text says it: `config.from_object('app.config')`. */
  named(dotted: string, from: string): PythonFile | undefined {
    const path = this.#find(0, dotted, from);
    return path === undefined ? undefined : this.#named(path);
  }

  /** A file, parsed whatever words it has. */
  parsed(path: string): PythonFile | undefined {
    if (this.#last?.source.path === path) return this.#last;
    const file = this.#tree.file(path);
    return file === undefined ? undefined : this.#parse(file);
  }

  /**
   * Files without a word of their own whose functions somebody hands something to: they matter after all. Parsed, so that
   * {@link look} answers with them from now on.
   */
  *asked(): Generator<string> {
    const known = new Set<string>();
    for (;;) {
      const next = this.flows.unread().filter((path) => !known.has(path));
      if (next.length === 0) return;
      for (const path of next) {
        known.add(path);
        this.#asked.add(path);
        const file = this.parsed(path);
        if (file === undefined) continue;
        this.flows.readDeep(file);
        yield path;
      }
    }
  }

  #parse(file: SourceFile): PythonFile {
    const module = parsePython(file.text);
    const parsed = new PythonFile(file, module, this);
    this.#last = parsed;
    const [first] = module.unknown;
    if (first !== undefined) {
      const { line } = file.where(first);
      const more = module.unknown.length > 1 ? ` and at ${module.unknown.length - 1} more places` : '';
      this.#tree.notScan({
        path: file.path,
        why: `in part: line ${line}${more} is no Python that the parser knows`,
      });
    }
    return parsed;
  }

  /** Tries the folder of the importing file and each above it: any of them may be on the path of Python. */
  #find(up: number, dotted: string, from: string): string | undefined {
    const inside = dotted.replaceAll('.', '/');
    if (up > 0) {
      let folder = posix.dirname(from);
      for (let level = 1; level < up; level += 1) folder = posix.dirname(folder);
      return this.#module(posix.join(folder, inside));
    }
    if (dotted === '') return undefined;
    for (let folder = posix.dirname(from); ; folder = posix.dirname(folder)) {
      const found = this.#above(folder, inside);
      if (found !== from) return found;
      if (isRoot(folder)) return undefined;
    }
  }

  #above(folder: string, inside: string): string | undefined {
    if (this.#lookUps === MOST_LOOK_UPS) {
      this.#found.clear();
      this.#lookUps = 0;
    }
    let known = this.#found.get(folder);
    if (known === undefined) {
      known = new Map();
      this.#found.set(folder, known);
    }
    if (known.has(inside)) return known.get(inside);
    const own = folder === '.' ? '' : `${folder}/`;
    const here = this.#module(`${own}${inside}`) ?? this.#module(`${own}src/${inside}`);
    const found = here ?? (isRoot(folder) ? undefined : this.#above(posix.dirname(folder), inside));
    known.set(inside, found);
    this.#lookUps += 1;
    return found;
  }

  #module(path: string): string | undefined {
    const { paths } = this.#tree;
    const file = `${path}.py`;
    if (paths.has(file)) return file;
    const folder = path === '' || path === '.' ? '__init__.py' : `${path}/__init__.py`;
    return paths.has(folder) ? folder : undefined;
  }
}

function isRoot(folder: string): boolean {
  return folder === '.' || folder === '/';
}

interface ImportedPlace {
  readonly path: string | undefined;
  readonly isModule: boolean;
}

function joined(module: string, what: string): string {
  return module === '' ? what : `${module}.${what}`;
}
