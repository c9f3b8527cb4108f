/** Strongroom itself in production, as a process of its own, behind the real nginx. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort } from '../support/processes.ts';
import { type RawAnswer, sessionCookieOf, valueOf, valuesOf } from '../../src/testing/wire.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { TEST_SECRET } from '../support/secrets.ts';
import { type Nginx, startNginx } from './nginx.ts';
import { launch, listens, type Program, temporaryFolder } from './processes.ts';
import { askTls } from './tls-client.ts';
import { until } from '../support/until.ts';

const MAIN = join(import.meta.dirname, '../../examples/strongroom/main.ts');
const PASSWORD = 'four quiet words in a row';
const FORM = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
const folder = temporaryFolder();
let port: number;
let nginx: Nginx;
let strongroom: Program;
let mail: MailServer;

async function startStrongroom(): Promise<Program> {
  const program = launch(process.execPath, ['--conditions=bulwark-source', MAIN], {
    env: {
      NODE_ENV: 'production',
      PORT: String(port),
      STRONGROOM_ORIGIN: 'https://files.example.com',
      STRONGROOM_TRUSTED_PROXIES: '127.0.0.1',
      STRONGROOM_DATA: join(folder.path, 'data'),
      SMTP_URL: mail.url,
      BULWARK_SECRET_FILE: join(folder.path, 'secret'),
    },
  });
  await listens(program, port);
  return program;
}

before(async () => {
  mkdirSync(join(folder.path, 'data'));
  writeFileSync(join(folder.path, 'secret'), TEST_SECRET, { mode: 0o400 });
  port = await freePort();
  mail = await startMailServer();
  [strongroom, nginx] = await Promise.all([startStrongroom(), startNginx(port)]);
});
after(async () => {
  await strongroom.stop();
  await nginx.stop();
  await mail.stop();
  folder.remove();
});

function post(path: string, fields: Record<string, string>): Promise<RawAnswer> {
  const body = new URLSearchParams(fields).toString();
  return askTls(nginx, { method: 'POST', target: path, headers: FORM, body });
}

/** Makes an account by the link that is mailed: signed in by what is answered. */
async function register(email: string): Promise<RawAnswer> {
  await post('/register', { email });
  const token = (await mail.link(email)).split('token=')[1] ?? '';
  return await post('/register/confirm', { token, password: PASSWORD });
}

test('v5.0.0-3.3.1 signing in gives a cookie for this host over TLS alone, and it opens the notes', async () => {
  const email = 'anna@example.com';
  const answer = await register(email);
  const cookie = valuesOf(answer, 'set-cookie').find((line) => line.startsWith('__Host-sid=')) ?? '';
  assert.match(cookie, /^__Host-sid=[\w-]+; Path=\/; /);
  for (const part of ['Secure', 'HttpOnly', 'SameSite=Lax'])
    assert.ok(cookie.split('; ').includes(part), part);
  const notes = await askTls(nginx, { target: '/notes', headers: { cookie: sessionCookieOf(answer) ?? '' } });
  assert.equal(notes.status, 200);
  assert.equal(valueOf(notes, 'cache-control'), 'no-store');
});

test('the log names the client, and a forged address in no line', async () => {
  const forged = {
    ...FORM,
    'x-forwarded-for': '198.51.100.7',
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
  };
  const answer = await askTls(
    nginx,
    { method: 'POST', target: '/login', headers: forged },
    { from: '127.0.0.9' },
  );
  assert.equal(answer.status, 403);
  await until('it is logged', () => strongroom.said().includes('"client":"127.0.0.9"'));
  assert.doesNotMatch(strongroom.said(), /198\.51\.100\.7/);
});

test('told to stop it goes at once, though nginx holds connections to it, and the session outlives that', async () => {
  const email = 'bert@example.com';
  const cookie = sessionCookieOf(await register(email)) ?? '';
  assert.equal(await strongroom.stop(), 0, strongroom.said());
  assert.equal((await askTls(nginx, {})).status, 502);
  strongroom = await startStrongroom();
  assert.equal((await askTls(nginx, { target: '/notes', headers: { cookie } })).status, 200);
});
