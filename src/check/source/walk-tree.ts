/** The files of a tree, one after the other, within bounds. */
import { readdirSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** How far a run goes. */
export interface TreeLimits {
  /** Files in all. */
  readonly files: number;
  /** Bytes of one file. Whatever is longer was written by a program. */
  readonly fileBytes: number;
  /** Folders in folders. */
  readonly depth: number;
}

/** Something that was not looked at, and why. */
export interface NotLooked {
  readonly path: string;
  readonly why: string;
}

/** Folders that hold what others wrote, or what a program made: an audit of these is one of their own sources. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['.git', 'the repository itself'],
  ['.hg', 'the repository itself'],
  ['.svn', 'the repository itself'],
  ['node_modules', 'packages of others'],
  ['bower_components', 'packages of others'],
  ['site-packages', 'packages of others'],
  ['.tox', 'virtual environments'],
  ['.nox', 'virtual environments'],
  ['.eggs', 'packages of others'],
  ['__pycache__', 'made by Python'],
  ['.mypy_cache', 'made by a tool'],
  ['.ruff_cache', 'made by a tool'],
  ['.pytest_cache', 'made by a tool'],
]);

/** Told of what is not yielded: on purpose, or since a bound or the disk cuts it off, which is no pass. */
interface Told {
  readonly onLeftOut: (what: NotLooked) => void;
  readonly onCut: (what: NotLooked) => void;
  /** Told of each folder that is walked, for whoever watches them. */
  readonly onFolder?: ((path: string) => void) | undefined;
}

/**
 * Yields the path of each file, from the root with `/` between, folder by folder. A link is never followed, so nothing
 * outside of the tree is read and no ring is walked.
 */
export async function* walkTree(
  root: string,
  limits: TreeLimits,
  { onLeftOut, onCut, onFolder }: Told,
): AsyncGenerator<string> {
  const folders: Folder[] = [{ path: '', depth: 0 }];
  let files = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { path, depth } = folder;
    if (depth > limits.depth) {
      onCut({ path, why: `more than ${limits.depth} folders deep` });
      continue;
    }
    const listed = list(join(root, path));
    if (typeof listed === 'string') {
      onCut({ path, why: listed });
      continue;
    }
    if (path !== '' && (await isEnvironment(join(root, path), listed))) {
      onLeftOut({ path, why: 'a virtual environment' });
      continue;
    }
    onFolder?.(path);
    for (const name of listed.links)
      onLeftOut({ path: under(path, name), why: 'a link, and links are not followed' });
    for (const name of listed.folders.toReversed()) {
      const why = OTHERS.get(name);
      if (why === undefined) folders.push({ path: under(path, name), depth: depth + 1 });
      else onLeftOut({ path: under(path, name), why });
    }
    for (const name of listed.files) {
      if (files === limits.files) {
        onCut({
          path: under(path, name),
          why: `this and what comes after: more than ${limits.files} files`,
        });
        return;
      }
      files += 1;
      yield under(path, name);
    }
  }
}

/** What tells a virtual environment, whatever its name. The file alone would take any folder out of sight. */
async function isEnvironment(path: string, { files, folders }: Listed): Promise<boolean> {
  if (!files.includes('pyvenv.cfg')) return false;
  if (folders.includes('Scripts')) return true;
  return (
    folders.includes('bin') && (await lstat(join(path, 'bin/python')).catch(() => undefined)) !== undefined
  );
}

interface Folder {
  readonly path: string;
  readonly depth: number;
}

interface Listed {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly links: readonly string[];
}

/**
 * What a folder holds, in the order of names; or why it could not be read. At once: a promise for each of a hundred thousand
 * entries costs more than to read them.
 */
function list(path: string): Listed | string {
  const [files, folders, links]: [string[], string[], string[]] = [[], [], []];
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isFile()) files.push(entry.name);
      else if (entry.isDirectory()) folders.push(entry.name);
      else if (entry.isSymbolicLink()) links.push(entry.name);
    }
  } catch (error) {
    return `it could not be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`;
  }
  return { files: files.toSorted(), folders: folders.toSorted(), links: links.toSorted() };
}

function under(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
