/** Another commit of this repository in a folder of its own, ready to run. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './server-process.ts';

/** A checkout that is not this one. */
export interface OtherTree {
  readonly root: string;
  /** The commit, short. */
  readonly commit: string;
  /** Whether the lock file is that of this checkout: if not, what runs there is what is installed here. */
  readonly sameLock: boolean;
  remove(): void;
}

/**
 * Checks a commit out into a folder of the system's for temporary files. It runs its own bench and its own code on the
 * packages that are installed here.
 *
 * @throws Error where there is no such commit, or where it has no bench of this kind
 */
function checkOut(name: string): OtherTree {
  const commit = git('rev-parse', '--short', '--verify', '--end-of-options', `${name}^{commit}`);
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-versus-'));
  const root = join(folder, commit);
  const remove = (): void => {
    if (existsSync(root)) git('worktree', 'remove', '--force', root);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    git('worktree', 'add', '--detach', '--quiet', root, commit);
    if (!existsSync(join(root, 'bench/load/serve.ts')))
      throw new Error(`${commit} has no bench/load/serve.ts: take a later commit`);
    for (const modules of ['node_modules', 'bench/node_modules']) linkModules(modules, root);
  } catch (error) {
    remove();
    throw error;
  }
  const sameLock = git('diff', '--name-only', commit, '--', 'package-lock.json') === '';
  return { root, commit, sameLock, remove };
}

/** As {@link checkOut}, for commands: where it cannot be, they end with what was wrong. */
export function checkOutOr(fail: (message: string) => never, name: string): OtherTree {
  try {
    return checkOut(name);
  } catch (error) {
    return fail((error as Error).message);
  }
}

/** Packages are linked one by one: `bulwark` among them is a link to the checkout it stands in, and has to stay one. */
function linkModules(modules: string, root: string): void {
  const from = join(ROOT, modules);
  if (!existsSync(from)) return;
  mkdirSync(join(root, modules), { recursive: true });
  for (const name of readdirSync(from)) {
    const here = join(from, name);
    symlinkSync(lstatSync(here).isSymbolicLink() ? readlinkSync(here) : here, join(root, modules, name));
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
}
