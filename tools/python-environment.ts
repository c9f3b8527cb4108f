/** What tests run in Python: its packages, locked with hashes, in a folder of their own. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** Folders with a `requirements.txt`: the applications behind the gateway, and stand-ins for what others run. */
export type PythonFolder = 'examples/flask' | 'test/secrets';

/** Where the programs of an environment are: gunicorn, uvicorn, python. Made once, where it is not there. */
export function pythonEnvironment(of: PythonFolder = 'examples/flask'): string {
  const lockFile = join(ROOT, of, 'requirements.txt');
  const folder = join(ROOT, of, '.venv');
  // What the folder was made from: where the lock is another one, it is made anew.
  const mark = join(folder, 'made-from');
  const lock = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
    console.log(`Installing the Python packages of ${of} into a folder of its own ...`);
    rmSync(folder, { recursive: true, force: true });
    run('python3', '-m', 'venv', folder);
    run(
      join(folder, 'bin/pip'),
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--require-hashes',
      '--requirement',
      lockFile,
    );
    writeFileSync(mark, lock);
  }
  return join(folder, 'bin');
}

function run(program: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  console.error(
    `${program} ${args[0] ?? ''} failed${error === undefined ? '' : `: ${error.message}`}. The tests of the gateway need Python 3.11 or later with venv: apt-get install python3-venv`,
  );
  process.exit(1);
}
