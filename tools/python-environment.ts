/** The applications in Python that stand behind the gateway in tests: their packages, locked with hashes, in a folder of their own. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FLASK = join(import.meta.dirname, '../examples/flask');
const LOCK = join(FLASK, 'requirements.txt');
const FOLDER = join(FLASK, '.venv');
/** What the folder was made from: where the lock is another one, it is made anew. */
const MARK = join(FOLDER, 'made-from');

/** Where the programs of the environment are: gunicorn, uvicorn, python. Made once, where it is not there. */
export function pythonEnvironment(): string {
  const lock = createHash('sha256').update(readFileSync(LOCK)).digest('hex');
  if (!existsSync(MARK) || readFileSync(MARK, 'utf8') !== lock) {
    console.log('Installing the Python packages of examples/flask into a folder of its own ...');
    rmSync(FOLDER, { recursive: true, force: true });
    run('python3', '-m', 'venv', FOLDER);
    run(
      join(FOLDER, 'bin/pip'),
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--require-hashes',
      '--requirement',
      LOCK,
    );
    writeFileSync(MARK, lock);
  }
  return join(FOLDER, 'bin');
}

function run(program: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  console.error(
    `${program} ${args[0] ?? ''} failed${error === undefined ? '' : `: ${error.message}`}. The tests of the gateway need Python 3.11 or later with venv: apt-get install python3-venv`,
  );
  process.exit(1);
}
