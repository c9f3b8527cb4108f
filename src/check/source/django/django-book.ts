/** Settings of Django: modules, with those that they take over from others. */
import type { Spot } from '../flask/flask-book.ts';
import type { PythonFile } from '../python/python-file.ts';
import { isTest } from '../python/python-rule.ts';
import { type Known, valueOf } from '../python/values.ts';
import type { SourceTree } from '../source-tree.ts';

/** One setting, and where it stands. */
export interface DjangoSetting extends Spot {
  readonly value: Known;
}

/** The settings that a site is served with. */
export interface DjangoSite {
  readonly file: string;
  readonly at: number;
  readonly settings: ReadonlyMap<string, DjangoSetting>;
  /** It stands behind Bulwark. */
  readonly guarded: boolean;
}

/** Words of a module of settings. */
export const DJANGO_WORDS: readonly string[] = [
  'INSTALLED_APPS',
  'MIDDLEWARE',
  'ROOT_URLCONF',
  'WSGI_APPLICATION',
];

const books = new WeakMap<SourceTree, DjangoBook>();
const NOT_SERVED =
  /(?:^|[/_.-])(?:\w*tests?\w*|dev|devel|development|local|tests?|testing|ci|debug|example|docs?|sandbox|demo|project_template|templates|quickstart|ensure_\w+)(?:[/_.-]|$)/i;

/** The book of a tree. */
export function djangoBook(tree: SourceTree): DjangoBook {
  const known = books.get(tree);
  if (known !== undefined) return known;
  const book = new DjangoBook(tree);
  books.set(tree, book);
  return book;
}

/** Notes modules of settings. */
export class DjangoBook {
  readonly #tree: SourceTree;
  readonly #modules = new Map<string, ReadonlyMap<string, DjangoSetting>>();
  readonly #takenOver = new Set<string>();
  #sites: readonly DjangoSite[] | undefined;

  constructor(tree: SourceTree) {
    this.#tree = tree;
  }

  /** Notes a file: once, and only where it is such a module. */
  read(file: PythonFile): void {
    const { path } = file.source;
    if (this.#modules.has(path)) return;
    const settings = this.#settingsOf(file, 0);
    if (settings.has('ROOT_URLCONF') && settings.has('INSTALLED_APPS')) this.#modules.set(path, settings);
  }

  /** Those that a site is served with: no other module takes them over, and their name does not say that they are for work. */
  get sites(): readonly DjangoSite[] {
    return (this.#sites ??= [...this.#modules].flatMap(([file, settings]) => {
      if (this.#takenOver.has(file) || NOT_SERVED.test(file) || isTest(file)) return [];
      return {
        file,
        at: settings.get('INSTALLED_APPS')?.file === file ? (settings.get('INSTALLED_APPS')?.at ?? 0) : 0,
        settings,
        guarded: [...this.#tree.paths].some((path) => /(?:^|\/)bulwark\.config\.\w+$/.test(path)),
      };
    }));
  }

  #settingsOf(file: PythonFile, depth: number): Map<string, DjangoSetting> {
    const settings = new Map<string, DjangoSetting>();
    if (depth > 4) return settings;
    const { scope } = file.module;
    for (const imported of scope.imports) {
      if (imported.what !== '*') continue;
      const from = file.project.imported({ ...imported, what: undefined }, file.source.path);
      if (from === undefined) continue;
      if (!NOT_SERVED.test(file.source.path)) this.#takenOver.add(from.file.source.path);
      for (const [key, one] of this.#settingsOf(from.file, depth + 1)) settings.set(key, one);
    }
    for (const { target, value, at, how } of scope.assignments) {
      if (target.kind !== 'name' || target.id !== target.id.toUpperCase() || how === 'one-of') continue;
      const known = valueOf(value, scope, file);
      const before = settings.get(target.id);
      settings.set(target.id, {
        file: file.source.path,
        at,
        value: how === 'adds' ? added(before?.value, known) : known,
      });
    }
    return settings;
  }
}

/** `MIDDLEWARE += [...]`. */
function added(before: Known | undefined, more: Known): Known {
  return before?.kind === 'list' && more.kind === 'list'
    ? { kind: 'list', items: [...before.items, ...more.items] }
    : { kind: 'unknown' };
}
