/** The locks of a tree, each read once. They are longer than what people write: their bound is one of their own. */
import { join } from 'node:path';
import { readText } from '../read-text.ts';
import { SourceFile } from '../source-file.ts';
import type { SourceTree } from '../source-tree.ts';
import { entry, type Lock } from './package-entry.ts';
import { readPackageLock, readPnpmLock, readYarnLock } from './read-npm-lock.ts';
import { normalName, readPipfileLock, readRequirements, readTomlLock } from './read-python-lock.ts';

const MOST = 64 * 1024 * 1024;

const READERS: readonly (readonly [name: RegExp, read: (text: string) => Lock])[] = [
  [/(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/, readPackageLock],
  [/(?:^|\/)pnpm-lock\.yaml$/, readPnpmLock],
  [/(?:^|\/)yarn\.lock$/, readYarnLock],
  [/(?:^|\/)(?:poetry|uv|pdm)\.lock$|(?:^|\/)pylock(?:\.[\w-]+)?\.toml$/, readTomlLock],
  [/(?:^|\/)Pipfile\.lock$/, readPipfileLock],
  [/(?:^|\/)requirements[\w.-]*\.txt$|(?:^|\/)requirements\/[\w.-]+\.txt$/, requirementsAsLock],
];

/** A lock and its file. */
export interface LockFile {
  readonly file: SourceFile;
  readonly lock: Lock;
}

/** Whether a path is one of a lock, or of a list of requirements. */
export function isLockFile(path: string): boolean {
  return READERS.some(([name]) => name.test(path));
}

const read = new WeakMap<SourceTree, Map<string, LockFile | undefined>>();

/** One lock of the tree; undefined where it could not be read, which is told of. */
export function lockOf(path: string, tree: SourceTree): LockFile | undefined {
  const known = read.get(tree) ?? new Map<string, LockFile | undefined>();
  read.set(tree, known);
  if (known.has(path)) return known.get(path);
  const lock = readLock(join(tree.root, path), path);
  if (typeof lock === 'string') tree.notScan({ path, why: lock });
  const found = typeof lock === 'string' ? undefined : lock;
  known.set(path, found);
  return found;
}

/** All of them. */
export function locksOf(tree: SourceTree): readonly LockFile[] {
  return [...tree.paths].filter(isLockFile).flatMap((path) => lockOf(path, tree) ?? []);
}

/** Reads one lock, wherever it lies, or says why it could not be. */
export function readLock(place: string, path: string): LockFile | string {
  const reader = READERS.find(([name]) => name.test(path))?.[1];
  if (reader === undefined) return 'it is no lock that is known';
  const got = readText(place, MOST);
  if ('why' in got) return got.why;
  try {
    return { file: new SourceFile(path, got.text), lock: reader(got.text) };
  } catch (error) {
    if (error instanceof Error) return 'it is no lock of the form that its name says';
    throw error;
  }
}

function requirementsAsLock(text: string): Lock {
  const packages = readRequirements(text).flatMap(({ name, version, hashes }) =>
    name === undefined || version === undefined
      ? []
      : [entry({ ecosystem: 'PyPI', name: normalName(name), version, hashes, path: name, mark: name })],
  );
  return { packages, root: { name: undefined, version: undefined } };
}
