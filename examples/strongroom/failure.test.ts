import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { BulwarkError, loadPolicy } from 'bulwark';
import { Accounts, DevelopmentMail } from 'bulwark/accounts';
import { bulwark, type Protector } from 'bulwark/express';
import { memory } from 'bulwark/memory';
import { makeApp } from './app.ts';
import { Pages } from './pages.ts';
import type { Records } from './records.ts';
import { openRecords } from './sqlite/database.ts';
import { temporaryDirectory } from './testing/running.ts';
import { Visitor } from '../../test/support/visitor.ts';

const LOGIN = { email: 'nobody@example.com', password: 'not the password at all' };

/** One hash at a time and one in line: the third is one too many. */
const folder = temporaryDirectory();
let passwords: Accounts['passwords'];
let records: Records;
let layer: Protector;
let server: Server;
let url: string;

before(async () => {
  records = openRecords(folder.path);
  const policy = await loadPolicy({
    environment: 'development',
    state: memory(),
    proxy: { trusted: ['127.0.0.1'] },
    audit: { sink: () => undefined },
    accounts: { name: 'Strongroom', mail: new DevelopmentMail(() => undefined) },
    passwords: { concurrency: 1, waiting: 1 },
    routes: { '/notes/**': { require: 'signed-in', ownErrors: true } },
  });
  layer = bulwark(policy);
  passwords = Accounts.of(layer).passwords;
  server = layer.createServer(makeApp(layer, policy, { notes: records.notes, pages: new Pages() }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.close();
  server.closeAllConnections();
  await layer.close();
  await records.close();
  folder.remove();
});

/** Keeps the one place busy until the function it returns is called. */
function holdQueue(): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const held = passwords.queue.run(() => promise);
  return async () => {
    resolve();
    await held;
  };
}

async function untilWaiting(count: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (passwords.queue.waiting !== count && Date.now() < deadline) await wait(5);
  assert.equal(passwords.queue.waiting, count);
}

test('when too many sign in at once, says so in a page that names the wait', async () => {
  const release = holdQueue();
  const patient = new Visitor(url).post('/login', LOGIN);
  await untilWaiting(1);
  const turnedAway = await new Visitor(url).post('/login', LOGIN);
  assert.equal(turnedAway.status, 503);
  assert.equal(turnedAway.headers.get('retry-after'), '5');
  assert.match(turnedAway.text, /One moment, please[^]*Try again[^]*site-footer/);
  await release();
  assert.equal((await patient).status, 401);
});

test('a client that goes away while it waits leaves its place to others', async () => {
  const release = holdQueue();
  const body = new URLSearchParams(LOGIN).toString();
  const { host, port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    `POST /login HTTP/1.1\r\nHost: ${host}\r\nSec-Fetch-Site: same-origin\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await untilWaiting(1);
  socket.destroy();
  await untilWaiting(0);
  await release();
});

test('v5.0.0-16.5.1 an error of our own shows nothing of itself', async (t) => {
  const person = new Visitor(url);
  await person.register('anna@example.com', 'four quiet words in a row');
  t.mock.method(records.notes, 'list', () => {
    throw new Error('SELECT secret FROM somewhere');
  });
  const page = await person.get('/notes');
  assert.equal(page.status, 500);
  assert.doesNotMatch(page.text, /SELECT|somewhere|node_modules|\n\s+at /);
});

test('records that do not answer are a 503 of our own that names the wait, and what was said stays said', async (t) => {
  const person = new Visitor(url);
  await person.register('eve@example.com', 'four quiet words in a row');
  await person.post('/notes', { text: 'kept' });
  const gone = t.mock.method(records.notes, 'list', async () => {
    throw new BulwarkError('ERR_BULWARK_STORE_DOWN', 'postgres://strongroom:hunter2@10.0.0.5');
  });
  const page = await person.get('/notes');
  assert.equal(page.status, 503);
  assert.equal(page.headers.get('retry-after'), '5');
  assert.match(page.text, /Back in a moment/);
  assert.doesNotMatch(page.text, /hunter2|Note saved/);
  gone.mock.restore();
  assert.match((await person.get('/notes')).text, /Note saved[^]*kept/);
});

test('a session that ends while a page is made leads to signing in', async (t) => {
  const person = new Visitor(url);
  await person.register('bob@example.com', 'four quiet words in a row');
  t.mock.method(records.notes, 'create', () => {
    throw new BulwarkError('ERR_BULWARK_SESSION_OVER', 'over');
  });
  const page = await person.post('/notes', { text: 'x' });
  assert.equal(page.status, 401);
  assert.match(page.text, /Sign in again/);
});
