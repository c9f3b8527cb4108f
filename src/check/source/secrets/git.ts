/**
 * A repository as data: `git` reads its objects, and nothing of its settings. A repository that somebody hands over can name
 * programs that git runs (`core.fsmonitor`, `diff.external`, `gpg.program`), so it is opened from an empty folder whose
 * settings are ours, and told only where objects and index lie.
 */
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readText } from '../read-text.ts';

/** What git printed, as far as it was taken. */
export interface Printed {
  readonly text: string;
  /** It had more to say, or took too long. */
  readonly cut: boolean;
}

/** A repository that can be asked. */
export interface Repository {
  /** The commits that branches and tags lead to. */
  readonly tips: readonly string[];
  readonly run: (args: readonly string[], input?: string) => Printed;
}

const MOST_PRINTED = 48 * 1024 * 1024;
const MOST_MS = 60_000;
const MOST_REFS = 5000;
const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Opens the repository of a tree for as long as `look` takes, or says why it cannot be seen. */
export function withRepository<T>(
  root: string,
  look: (repository: Repository) => T,
  git = 'git',
): T | { readonly why: string } {
  const folder = join(root, '.git');
  const why = whyNot(root);
  if (why !== undefined) return { why };
  const tips = tipsOf(folder);
  const empty = mkdtempSync(join(tmpdir(), 'bulwark-git-'));
  try {
    makeEmpty(empty, tips[0]?.length === 64);
    const run = runnerOf(git, empty, folder);
    const version = run(['version']);
    if (!version.text.startsWith('git version')) return { why: 'git is not installed' };
    return look({ tips, run });
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}

function whyNot(root: string): string | undefined {
  const facts = lstatSync(join(root, '.git'), { throwIfNoEntry: false });
  if (facts === undefined) return 'the tree is no git repository';
  // A worktree or a submodule has a file there, which names a folder elsewhere.
  if (!facts.isDirectory()) return 'its repository lies outside of the tree';
  for (const name of ['index', 'objects', 'refs']) {
    const part = lstatSync(join(root, '.git', name), { throwIfNoEntry: false });
    if (part !== undefined && !part.isFile() && !part.isDirectory()) return NO_PART;
  }
  if (!isWhole(join(root, '.git/objects'))) return NO_PART;
  const borrowed = lstatSync(join(root, '.git/objects/info/alternates'), { throwIfNoEntry: false });
  return borrowed === undefined ? undefined : 'its repository borrows objects from outside of the tree';
}

const NO_PART = 'its repository leads out of the tree by a link, or has what is neither file nor folder';
const MOST_OBJECTS = 2_000_000;

/** Git follows any link that stands among its objects, and waits for any pipe. */
function isWhole(objects: string): boolean {
  const folders = [objects];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      seen += 1;
      if (seen > MOST_OBJECTS) return false;
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
      else if (!entry.isFile()) return false;
    }
  }
  return true;
}

function makeEmpty(folder: string, long: boolean): void {
  mkdirSync(join(folder, 'refs'));
  mkdirSync(join(folder, 'objects'));
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/none\n');
  const format = long ? '\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n' : '\n';
  writeFileSync(join(folder, 'config'), `[core]\n\tbare = true\n${format}`);
}

function runnerOf(git: string, empty: string, folder: string): Repository['run'] {
  const env = {
    PATH: process.env['PATH'] ?? '',
    GIT_DIR: empty,
    GIT_OBJECT_DIRECTORY: join(folder, 'objects'),
    GIT_INDEX_FILE: join(folder, 'index'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
  };
  return (args, input = '') => {
    const { stdout, error } = spawnSync(git, ['--no-pager', ...args], {
      cwd: empty,
      env,
      input,
      encoding: 'utf8',
      maxBuffer: MOST_PRINTED,
      timeout: MOST_MS,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    // `stdout` is none where the program could not be started.
    return { text: typeof stdout === 'string' ? stdout : '', cut: error !== undefined };
  };
}

function tipsOf(folder: string): readonly string[] {
  const tips = new Set<string>();
  const note = (text: string): void => {
    const hash = text.trim();
    if (HASH.test(hash) && tips.size < MOST_REFS) tips.add(hash);
  };
  const read = (path: string): string => {
    const got = readText(path, 4 * 1024 * 1024);
    return 'text' in got ? got.text : '';
  };
  note(read(join(folder, 'HEAD')));
  for (const line of read(join(folder, 'packed-refs')).split('\n')) note(line.split(' ')[0] ?? '');
  const folders = [join(folder, 'refs')];
  let seen = 0;
  for (let at = folders.pop(); at !== undefined && seen < MOST_REFS; at = folders.pop()) {
    const here = at;
    const entries = lstatSync(here, { throwIfNoEntry: false })?.isDirectory()
      ? readdirSync(here, { withFileTypes: true })
      : [];
    for (const entry of entries) {
      seen += 1;
      if (entry.isDirectory()) folders.push(join(here, entry.name));
      else if (entry.isFile()) note(read(join(here, entry.name)));
    }
  }
  return [...tips];
}
