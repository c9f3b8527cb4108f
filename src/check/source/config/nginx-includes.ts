/**
 * What nginx includes is a part of what includes it: looked for in the tree, and nowhere else. A file that another one includes is judged
 * in its place there, with what holds around it, and not once more by itself.
 */
import { posix } from 'node:path';
import type { SourceFile } from '../source-file.ts';
import type { SourceTree } from '../source-tree.ts';
import { type Directive, isNginx, type Nginx, readNginx } from './nginx.ts';

/** Files in files, and files in all: a ring has no end, and a folder may hold a thousand sites. */
const MOST_DEPTH = 8;
const MOST_FILES = 500;

/** Which paths are files of nginx, by their names. */
type Reads = (path: string) => boolean;

const included = new WeakMap<SourceTree, ReadonlySet<string>>();

/** A file with what it includes; undefined where it is none, or where another one includes it. */
export function wholeNginx(file: SourceFile, tree: SourceTree, reads: Reads): Nginx | string | undefined {
  if (!isNginx(file.text)) return undefined;
  let inOthers = included.get(tree);
  if (inOthers === undefined) included.set(tree, (inOthers = includedIn(tree, reads)));
  return inOthers.has(file.path) ? undefined : new Expansion(tree).read(file);
}

/** Those that are reached from a file that no other names: of a ring that nothing leads into, each is judged by itself. */
function includedIn(tree: SourceTree, reads: Reads): ReadonlySet<string> {
  const names = new Map<string, readonly string[]>();
  for (const path of [...tree.paths].filter(reads).slice(0, MOST_FILES)) {
    const file = tree.file(path);
    if (file === undefined || !/\binclude\b/.test(file.text)) continue;
    const targets = [...file.text.matchAll(/^[ \t]*include[ \t]+["']?([^\s;"']+)/gm)]
      .slice(0, MOST_FILES)
      .flatMap(([, pattern = '']) => matching(pattern, path, tree));
    names.set(path, targets);
  }
  const named = new Set([...names.values()].flat());
  const reached = new Set<string>();
  const next = [...names.keys()].filter((path) => !named.has(path));
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    for (const target of names.get(path) ?? []) {
      if (reached.has(target)) continue;
      reached.add(target);
      next.push(target);
    }
  }
  return reached;
}

class Expansion {
  readonly #tree: SourceTree;
  readonly #open: string[] = [];
  #left = MOST_FILES;

  constructor(tree: SourceTree) {
    this.#tree = tree;
  }

  read(file: SourceFile, parent?: Directive): Nginx | string {
    this.#open.push(file.path);
    const read = readNginx(file, (pattern, from, within) => this.#include(pattern, from, within), parent);
    this.#open.pop();
    return read;
  }

  /** Undefined where nothing of it is in the tree: then the include stands there as what nobody has seen. */
  #include(
    pattern: string,
    from: SourceFile,
    parent: Directive | undefined,
  ): readonly Directive[] | undefined {
    const paths = matching(pattern, from.path, this.#tree).filter((path) => !this.#open.includes(path));
    if (paths.length === 0 || this.#open.length > MOST_DEPTH) return undefined;
    const all: Directive[] = [];
    for (const path of paths) {
      this.#left -= 1;
      const file = this.#left < 0 ? undefined : this.#tree.file(path);
      const read = file === undefined ? `more than ${MOST_FILES} files` : this.read(file, parent);
      if (typeof read === 'string') this.#tree.notScan({ path, why: read });
      else all.push(...read.top);
    }
    return all;
  }
}

/** Each pattern with a `*` asks every path of the tree, so that there is an end of them. */
const MOST_PATTERNS = 100;
const patterns = new WeakMap<SourceTree, Map<string, readonly string[]>>();

/**
 * Paths of the tree that a pattern names: beside the file, or in a folder above it, below what becomes /etc/nginx. A text that a client
 * chooses, and a way out of the folder, name nothing here.
 */
function matching(pattern: string, from: string, tree: SourceTree): readonly string[] {
  const local = pattern.replace(/^\/(?:usr\/local\/)?(?:etc|conf)\/(?:nginx\/)?/, '');
  if (local === '' || local.length > 200 || /^\/|\$|(?:^|\/)\.\.(?:\/|$)/.test(local)) return [];
  const folders: string[] = [];
  for (let folder = posix.dirname(from); folder !== '.'; folder = posix.dirname(folder))
    folders.push(`${folder}/`);
  folders.push('');
  if (!/[*?]/.test(local)) {
    const base = folders.find((folder) => folder + local !== from && tree.paths.has(folder + local));
    return base === undefined ? [] : [base + local];
  }
  const known = patterns.get(tree) ?? new Map<string, readonly string[]>();
  patterns.set(tree, known);
  const key = `${posix.dirname(from)}\n${local}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= MOST_PATTERNS || (local.match(/\*/g)?.length ?? 0) > 3) return [];
  const last = new RegExp(
    `^${local
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}$`,
  );
  for (const base of folders) {
    const some = [...tree.paths].filter(
      (path) => path.startsWith(base) && path !== from && last.test(path.slice(base.length)),
    );
    if (some.length === 0) continue;
    known.set(key, some.toSorted().slice(0, MOST_FILES));
    return some.toSorted().slice(0, MOST_FILES);
  }
  known.set(key, []);
  return [];
}
