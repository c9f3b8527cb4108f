/** `npm run demo:flask`: a Flask application that knows nothing of Bulwark, and the gateway before it. Ctrl-C ends both. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pythonEnvironment } from './python-environment.ts';

const ROOT = join(import.meta.dirname, '..');
const { PORT = '8080', NOTES_DATA = join(ROOT, 'data/flask'), PATH = '' } = process.env;
const COMMAND = ['--conditions=bulwark-source', join(ROOT, 'src/cli/bulwark.ts'), 'run'];
const SERVER = ['gunicorn', '--worker-class', 'gthread', '--threads', '8'];
const NOTES = ['--chdir', join(ROOT, 'examples/flask/notes'), 'app:app'];

mkdirSync(NOTES_DATA, { recursive: true });
const running = spawn(
  process.execPath,
  [...COMMAND, '--listen', `127.0.0.1:${PORT}`, '--', ...SERVER, ...NOTES],
  {
    cwd: NOTES_DATA,
    env: {
      ...process.env,
      PATH: [pythonEnvironment(), PATH].join(delimiter),
      NOTES_DATA,
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: 'inherit',
  },
);
console.log(
  `\nNotes: http://localhost:${PORT} - sign in as ann with ann-password, or as bob. Ctrl-C ends it.\n`,
);

// A terminal tells both; whoever tells this process alone means the other too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => running.kill(signal));
running.once('exit', (code) => (process.exitCode = code ?? 1));
