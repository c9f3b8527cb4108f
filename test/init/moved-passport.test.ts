/** `bulwark init --from express-session` on a program with passport: it answers as before, and the session is ours. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { install } from '../frameworks/support/install.ts';
import { endProgram, freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');
const HOME = join(import.meta.dirname, 'moved-passport');
/** Among its packages, so that it finds them. */
const FOLDER = join(HOME, 'node_modules/.applications', String(process.pid));

before(() => {
  install(HOME);
  mkdirSync(FOLDER, { recursive: true });
  for (const file of ['package.json', 'server.js']) copyFileSync(join(HOME, file), join(FOLDER, file));
});

after(() => rmSync(FOLDER, { recursive: true, force: true }));

/** A browser: what it is asked to do, and what it is told. */
interface Browser {
  cookie: string;
}
type Step = readonly [who: string, path: string, form?: Readonly<Record<string, string>>];

const IN = { password: 'made up for this test' };
const STEPS: readonly Step[] = [
  ['ann', '/private'],
  ['ann', '/items', { item: 'book' }],
  ['ann', '/'],
  ['ann', '/login', { username: 'ann', password: 'wrong' }],
  ['ann', '/login'],
  ['ann', '/login'],
  ['ann', '/login', { username: 'ann', ...IN }],
  ['ann', '/'],
  ['ann', '/private'],
  ['ann', '/items', { item: 'pen' }],
  ['ann', '/'],
  ['eve', '/items', { item: 'cup' }],
  ['eve', '/checked', { username: 'eve', ...IN }],
  ['eve', '/'],
  ['bob', '/checked', { username: 'bob', ...IN }],
  ['bob', '/'],
  ['bob', '/private'],
  ['eve', '/remove', {}],
  ['eve', '/'],
  ['eve', '/private'],
  ['ann', '/logout', {}],
  ['ann', '/'],
  ['ann', '/private'],
];

interface Told {
  readonly answers: readonly string[];
  /** Each cookie that a browser had, in turn. */
  readonly cookies: ReadonlyMap<string, readonly string[]>;
  readonly log: string;
  readonly again: readonly string[];
}

async function run(): Promise<Told> {
  const port = await freePort();
  const child = spawn(process.execPath, ['server.js'], {
    cwd: FOLDER,
    env: { PATH: process.env['PATH'], NODE_ENV: 'development', PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      log += bytes.toString();
    });
  const browsers = new Map<string, Browser>();
  const cookies = new Map<string, string[]>();
  const ask = async (who: string, path: string, form?: Step[2]): Promise<string> => {
    const browser = browsers.get(who) ?? { cookie: '' };
    browsers.set(who, browser);
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      redirect: 'manual',
      headers: { 'Sec-Fetch-Site': 'same-origin', ...(browser.cookie !== '' && { cookie: browser.cookie }) },
      ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      if (!/^(?:__Host-sid|connect\.sid)=/.test(pair)) continue;
      browser.cookie = pair.endsWith('=') ? '' : pair;
      if (browser.cookie !== '') cookies.set(who, [...(cookies.get(who) ?? []), browser.cookie]);
    }
    return `${who} ${path} ${answer.status} ${answer.headers.get('location') ?? ''} ${await answer.text()}`;
  };
  try {
    await until('it listens', async () => {
      if (child.exitCode !== null) throw new Error(log);
      return (await fetch(`http://127.0.0.1:${port}/login`)).ok;
    });
    const answers: string[] = [];
    for (const [who, path, form] of STEPS) answers.push(await ask(who, path, form));
    const again: string[] = [];
    for (const cookie of cookies.get('ann') ?? []) {
      browsers.set('thief', { cookie });
      again.push(await ask('thief', '/private'));
    }
    return { answers, cookies, log, again };
  } finally {
    await endProgram(child);
  }
}

test('answers as before, refuses whom it refused, and signs in, out and away by our session', async () => {
  const theirs = await run();
  execFileSync(
    process.execPath,
    [
      '--conditions=bulwark-source',
      join(ROOT, 'src/cli/bulwark.ts'),
      ...['init', FOLDER, '--from', 'express-session', '--yes'],
    ],
    { stdio: 'pipe' },
  );
  assert.match(readFileSync(join(FOLDER, 'server.js'), 'utf8'), /app\.use\(requestSession\(\)\);/);
  const ours = await run();
  assert.deepEqual(ours.answers, theirs.answers);
  assert.ok(ours.answers.includes('ann /private 200  for ann'), ours.answers.join('\n'));
  assert.ok(ours.answers.includes('bob /private 302 /login Found. Redirecting to /login'));
  for (const all of ours.cookies.values()) for (const cookie of all) assert.match(cookie, /^__Host-sid=/);
  assert.equal(new Set(ours.cookies.get('ann')).size, 3, 'as a visitor, signed in, and signed out');
  assert.equal(ours.again.length, 3);
  for (const answer of ours.again) assert.match(answer, /^thief \/private (?:302 \/login|401 )/);
  const accounts = [...ours.log.matchAll(/"event":"session_created".*?"account":"(\d+)"/g)].map(
    ([, id]) => id,
  );
  assert.deepEqual(accounts, ['7', '9'], 'nobody whom the program refuses');
});
