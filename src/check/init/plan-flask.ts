/** Flask: nothing of the application changes. The gateway stands in front of it, so it is the command that starts it which does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPlainFile } from '../fix/plan-fixes.ts';
import type { Change, InitPlan } from './plan-init.ts';
import { policyText } from './policy-text.ts';
import { commandWord } from './shown-path.ts';

/** Servers that `bulwark run` gives an address by itself. */
const SERVERS = /^(?:gunicorn|uvicorn|hypercorn|granian|waitress-serve|uwsgi|flask run)\b/;
/** Their own addresses: the gateway takes these over. */
const ADDRESS = /\s(?:--bind|-b|--host|--port|-p|--listen|--uds|--http-socket|--unix-socket)\b/;

/** Plans it; undefined where no Flask application is made here. */
export function planFlask(root: string, python: ReadonlyMap<string, string>): InitPlan | undefined {
  const made = [...python].flatMap(([path, text]) => applicationsIn(path, text));
  if (python.size === 0) return undefined;
  const [only] = made;
  const text = policyText();
  const file = 'bulwark.config.mjs';
  const policy: Change = { path: file, before: undefined, after: text, edits: [{ from: 0, to: 0, text }] };
  const server = `gunicorn ${commandWord(made.length === 1 ? (only ?? '') : '', 'MODULE:APP')}`;
  const command = `bulwark run --policy ${file} -- ${server}`;
  const procfile = changeProcfile(root, file);
  const where = 'where the application is started (a unit of systemd, a Dockerfile, a Procfile)';
  return {
    kind: 'flask',
    changes: procfile === undefined ? [policy] : [policy, procfile],
    byHand: procfile === undefined ? [{ where, lines: [command] }] : [],
    notes: notesOf(root, python),
    next: ['pip install ./bulwark-*.whl', `NODE_ENV=development ${command}`],
  };
}

/** `app = Flask(__name__)` in `shop/web.py` is `shop.web:app`. */
function applicationsIn(path: string, text: string): readonly string[] {
  const module = path
    .replace(/\.py$/, '')
    .replace(/\/__init__$/, '')
    .replaceAll('/', '.');
  return [...text.matchAll(/^(\w+)(?:\s*:\s*\w+)?\s*=\s*(?:flask\.)?Flask\s*\(/gm)].map(
    ([, name]) => `${module}:${name}`,
  );
}

/** One line of it starts the application; where that says an address of its own, a person has to say which is now whose. */
function changeProcfile(root: string, file: string): Change | undefined {
  if (!isPlainFile(root, 'Procfile')) return undefined;
  const before = readFileSync(join(root, 'Procfile'), 'utf8');
  const found = [...before.matchAll(/^web:[ \t]*(.+)$/gm)];
  const [line] = found;
  const command = line?.[1] ?? '';
  if (line === undefined || found.length > 1 || !SERVERS.test(command) || ADDRESS.test(command))
    return undefined;
  const from = line.index + line[0].length - command.length;
  const text = `bulwark run --policy ${file} --listen 0.0.0.0:$PORT -- `;
  const after = before.slice(0, from) + text + before.slice(from);
  return { path: 'Procfile', before, after, edits: [{ from, to: from, text }] };
}

const DOUBLES: ReadonlyMap<RegExp, string> = new Map([
  [
    /\bTalisman\s*\(/,
    'Flask-Talisman sends a policy of its own: a script then runs only where both allow it. Take it out.',
  ],
  [
    /\bLimiter\s*\(/,
    'Flask-Limiter may go where the policy has the limits: it counts by process, the gateway over all of them.',
  ],
]);

function notesOf(root: string, python: ReadonlyMap<string, string>): readonly string[] {
  const all = [...python.values()].join('\n');
  const notes = [...DOUBLES].flatMap(([pattern, note]) => (pattern.test(all) ? [note] : []));
  if (!all.includes('ProxyFix'))
    notes.push(
      'Links that Flask makes say http, and every client has one address, until ProxyFix is there: docs/guides/flask.md has its line.',
    );
  return isPlainFile(root, 'Procfile')
    ? [...notes, "What the platform calls PORT is the gateway's now."]
    : notes;
}
