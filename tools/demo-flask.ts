/** `npm run demo:flask`: a Flask application that knows nothing of Bulwark, and the gateway before it. Ctrl-C ends both. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pythonEnvironment } from './python-environment.ts';

const ROOT = join(import.meta.dirname, '..');
const DATA = join(ROOT, 'data/flask');
const UPSTREAM = '127.0.0.1:8000';
const LISTEN = '127.0.0.1:8080';

mkdirSync(DATA, { recursive: true });
const bin = pythonEnvironment();
const application = spawn(
  join(bin, 'gunicorn'),
  ['--bind', UPSTREAM, '--worker-class', 'gthread', '--threads', '8', 'app:app'],
  {
    cwd: join(ROOT, 'examples/flask/notes'),
    env: { ...process.env, NOTES_DATA: DATA, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: 'inherit',
  },
);
const gateway = spawn(
  process.execPath,
  [
    '--conditions=bulwark-source',
    join(ROOT, 'src/cli/bulwark.ts'),
    'gateway',
    '--upstream',
    `http://${UPSTREAM}`,
    '--listen',
    LISTEN,
  ],
  { cwd: DATA, stdio: 'inherit' },
);
console.log(
  `\nNotes: http://localhost:8080 - sign in as ann with ann-password, or as bob. Ctrl-C ends it.\n`,
);

let isEnding = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end());
for (const child of [application, gateway]) child.once('exit', () => end());

/** One without the other is of no use. */
function end(): void {
  if (isEnding) return;
  isEnding = true;
  for (const child of [gateway, application]) stop(child);
}

function stop(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
}
