import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { BulwarkError } from 'bulwark';
import { bulwark, type Protector } from 'bulwark/express';
import { memory } from 'bulwark/memory';
import { Passwords } from 'bulwark/passwords';
import { AccountsStore } from './accounts-store.ts';
import { makeApp } from './app.ts';
import { openDatabase } from './database.ts';
import { NotesStore } from './notes-store.ts';
import { Pages } from './pages.ts';
import { type Page, Visitor } from './testing/visitor.ts';

const LOGIN = { email: 'nobody@example.com', password: 'not the password at all' };

/** One hash at a time and nobody in line: the second of two is one too many. */
const passwords = Passwords.of({ concurrency: 1, waiting: 0 });
let notes: NotesStore;
let layer: Protector;
let server: Server;
let url: string;

before(async () => {
  const database = openDatabase(':memory:');
  notes = new NotesStore(database);
  layer = bulwark({
    environment: 'development',
    state: memory(),
    proxy: { trusted: ['127.0.0.1'] },
    audit: { write: () => undefined },
    access: { signIn: '/login' },
    routes: { 'POST /login': { ownErrors: true }, '/notes/**': { require: 'signed-in' } },
  });
  const accounts = new AccountsStore(database);
  server = layer.createServer(makeApp(layer, { accounts, notes, passwords, pages: new Pages() }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.close();
  server.closeAllConnections();
  await layer.close();
});

test('when too many sign in at once, says so in a page that names the wait', async () => {
  const pages = await Promise.all(
    Array.from({ length: 4 }, (): Promise<Page> => new Visitor(url).post('/login', LOGIN)),
  );
  const turnedAway = pages.filter((page) => page.status === 503);
  assert.ok(turnedAway.length >= 1 && turnedAway.length < pages.length);
  for (const page of turnedAway) {
    assert.equal(page.headers.get('retry-after'), '5');
    assert.match(page.text, /One moment, please[^]*Try again/);
  }
  assert.equal((await new Visitor(url).post('/login', LOGIN)).status, 401);
});

test("a client that went away while waiting takes nobody else's place", async () => {
  const body = new URLSearchParams(LOGIN).toString();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(
    `POST /login HTTP/1.1\r\nHost: ${new URL(url).host}\r\nSec-Fetch-Site: same-origin\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await wait(2);
  socket.destroy();
  await wait(300);
  assert.deepEqual([passwords.queue.active, passwords.queue.waiting], [0, 0]);
  assert.equal((await new Visitor(url).post('/login', LOGIN)).status, 401);
});

test('v5.0.0-16.5.1 an error of our own shows nothing of itself', async (t) => {
  const person = new Visitor(url);
  await person.register('anna@example.com', 'four quiet words in a row');
  await person.signIn('anna@example.com', 'four quiet words in a row');
  t.mock.method(notes, 'list', () => {
    throw new Error('SELECT secret FROM somewhere');
  });
  const page = await person.get('/notes');
  assert.equal(page.status, 500);
  assert.doesNotMatch(page.text, /SELECT|secret|node_modules|\bat /);
});

test('a session that ends while a page is made leads to signing in', async (t) => {
  const person = new Visitor(url);
  await person.register('bob@example.com', 'four quiet words in a row');
  await person.signIn('bob@example.com', 'four quiet words in a row');
  t.mock.method(notes, 'create', () => {
    throw new BulwarkError('ERR_BULWARK_SESSION_OVER', 'over');
  });
  const page = await person.post('/notes', { text: 'x' });
  assert.equal(page.status, 401);
  assert.match(page.text, /Sign in again/);
});
