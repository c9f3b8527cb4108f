/** An application that somebody hardened along a checklist, unmodified behind the gateway, under each server; and what no application hears of. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { RedisServer } from '../support/redis.ts';
import { refusesForEachGuard } from './every-guard.ts';
import { FLASK_SERVERS } from './flask-servers.ts';
import type { Visitor } from './flask-visitor.ts';
import { type Site, startSite } from './hardened-site.ts';

const MEGABYTE = 1024 * 1024;

describe('the hardened application', () => {
  let redis: RedisServer;
  before(async () => {
    redis = await RedisServer.start();
  });
  after(() => redis.stop());

  for (const [at, [name, server]] of Object.entries(FLASK_SERVERS).entries())
    describe(`under ${name}`, () => {
      let site: Site;
      before(async () => {
        site = await startSite('checklist', server, `${redis.url}/${at}`);
      });
      after(() => site.stop());

      test('signs in, keeps a note and a file, and signs out, with its own tokens, sessions and limits', async () => {
        const ann = site.visitor();
        assert.equal((await submit(ann, '/login', { username: 'ann', password: 'wrong' })).status, 200);
        const signedIn = await submit(ann, '/login', { username: 'ann', password: 'ann-password' });
        assert.equal(signedIn.status, 302);
        assert.match(signedIn.headers.getSetCookie()[0] ?? '', /^session=.*; Secure; HttpOnly; SameSite=Lax/);
        assert.equal((await submit(ann, '/notes', { text: 'a <note> & more' })).status, 302);
        const page = await ann.ask('/notes');
        assert.match(await page.text(), /a &lt;note&gt; &amp; more/);
        assert.equal(page.headers.get('server'), null);
        assert.equal(page.headers.get('x-frame-options'), 'DENY');
        assert.equal(page.headers.get('cache-control'), 'no-store');

        const bytes = randomBytes(3 * MEGABYTE);
        assert.equal((await submit(ann, '/files', { file: new File([bytes], 'a.bin') })).status, 302);
        const [, path = ''] =
          /href="(\/files\/[\w-]+\.bin)"/.exec(await (await ann.ask('/files')).text()) ?? [];
        assert.equal(hash(await (await ann.ask(path)).bytes()), hash(bytes));

        await submit(ann, '/', {}, '/logout');
        assert.equal((await ann.ask('/notes')).status, 302);
      });

      test('a form of its own without its token is refused by Flask-WTF, whatever the gateway thinks of it', async () => {
        const { status } = await site.visitor().ask('/login', {
          method: 'POST',
          body: new URLSearchParams({ username: 'ann', password: 'ann-password' }),
          headers: { origin: site.origin },
        });
        assert.equal(status, 400);
      });

      test('events come as they happen, and a page that breaks tells nobody how', async () => {
        const visitor = site.visitor();
        assert.equal(await (await visitor.ask('/events')).text(), 'data: 0\n\ndata: 1\n\ndata: 2\n\n');
        const broken = await visitor.ask('/broken');
        assert.equal(broken.status, 500);
        assert.ok(!(await broken.text()).includes('secret-path'));
        assert.ok(site.events.some(({ event }) => event === 'sys_crash'));
      });

      test('100 MB go either way', async () => {
        let bytes = 0;
        for await (const piece of (await site.visitor().ask('/large?mb=100')).body ?? [])
          bytes += piece.byteLength;
        assert.equal(bytes, 100 * MEGABYTE);
        assert.deepEqual(await upload(site.port, 100), { bytes: 100 * MEGABYTE, declared: 100 * MEGABYTE });
      });

      test('what a guard refuses never reaches it', async () => {
        await refusesForEachGuard(site);
      });

      if (server.hasWebSockets)
        test('a WebSocket is of whoever is signed in', async () => {
          const ann = site.visitor();
          await submit(ann, '/login', { username: 'ann', password: 'ann-password' });
          const socket = new WebSocket(`ws://localhost:${site.port}/echo`, {
            headers: { origin: site.origin, cookie: ann.cookie, 'x-forwarded-proto': 'https' },
          });
          await once(socket, 'open');
          socket.send('hello');
          const [{ data }] = (await once(socket, 'message')) as [{ data: unknown }];
          assert.equal(data, 'ann: hello');
          socket.close();
        });
    });
});

for (const [name, server] of Object.entries(FLASK_SERVERS))
  test(`what a guard refuses never reaches the notes under ${name}`, async (t) => {
    const site = await startSite('notes', server, '');
    t.after(() => site.stop());
    await refusesForEachGuard(site);
  });

/** Opens a page, and sends its form as a browser does, with its token. */
async function submit(
  visitor: Visitor,
  page: string,
  fields: Readonly<Record<string, string | File>>,
  action: string = page,
): Promise<Response> {
  const opened = await visitor.ask(page);
  // So that a browser says neither where it comes from nor its origin.
  assert.equal(opened.headers.get('referrer-policy'), 'no-referrer');
  const [, token = ''] = /name="csrf_token"[^>]* value="([^"]+)"/.exec(await opened.text()) ?? [];
  const all = Object.entries({ csrf_token: token, ...fields });
  const hasFile = all.some(([, value]) => typeof value !== 'string');
  const form = hasFile ? new FormData() : new URLSearchParams();
  for (const [field, value] of all) form.set(field, value);
  return await visitor.ask(action, { method: 'POST', body: form, headers: { origin: 'null' } });
}

/** Sends megabytes in chunks, as an upload whose length is not known. */
async function upload(port: number, megabytes: number): Promise<unknown> {
  const sending = httpRequest({
    port,
    host: 'localhost',
    method: 'POST',
    path: '/count',
    headers: {
      'x-forwarded-proto': 'https',
      'sec-fetch-site': 'same-origin',
      'transfer-encoding': 'chunked',
    },
  });
  const piece = Buffer.alloc(MEGABYTE);
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  for (let at = 0; at < megabytes; at += 1) if (!sending.write(piece)) await once(sending, 'drain');
  sending.end();
  const [response] = await answered;
  let text = '';
  for await (const bytes of response) text += String(bytes);
  return JSON.parse(text);
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
