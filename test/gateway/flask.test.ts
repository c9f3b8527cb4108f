/** An unmodified Flask application behind the gateway, under the servers that people run it on. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { openSocket } from '../../src/testing/wire.ts';
import { type BehindGateway, behindGateway, FLASK_SERVERS } from './flask-servers.ts';
import { Visitor } from './flask-visitor.ts';

const MEGABYTE = 1024 * 1024;

for (const [name, server] of Object.entries(FLASK_SERVERS)) {
  describe(`Flask under ${name}`, () => {
    let site: BehindGateway;
    before(async () => {
      site = await behindGateway(server);
    });
    after(() => site.stop());

    test('signs in, keeps notes, and signs out', async () => {
      const ann = new Visitor(site.port);
      assert.equal((await ann.ask('/notes')).status, 302);
      const signedIn = await ann.signIn('ann');
      assert.equal(signedIn.status, 302);
      assert.match(signedIn.headers.getSetCookie()[0] ?? '', /^session=.*; Secure; HttpOnly; SameSite=Lax/);
      const text = 'a note with <markup> & an umlaut: \u00e4';
      assert.equal(
        (await ann.ask('/notes', { method: 'POST', body: new URLSearchParams({ text }) })).status,
        302,
      );
      const page = await ann.ask('/notes');
      assert.match(await page.text(), /a note with &lt;markup&gt; &amp; an umlaut: \u00e4/);
      assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'nonce-/);
      assert.equal(page.headers.get('server'), null);
      await ann.ask('/logout', { method: 'POST' });
      assert.equal((await ann.ask('/notes')).status, 302);
    });

    test('takes an upload and gives it back, byte for byte', async () => {
      const ann = new Visitor(site.port);
      await ann.signIn('ann');
      const bytes = randomBytes(3 * MEGABYTE);
      const form = new FormData();
      form.set('file', new Blob([bytes]), 'a.bin');
      assert.equal((await ann.ask('/files', { method: 'POST', body: form })).status, 302);
      const back = await ann.ask('/files/a.bin');
      assert.equal(hash(Buffer.from(await back.arrayBuffer())), hash(bytes));
    });

    test('a body in chunks arrives whole, with a length', async () => {
      const body = new ReadableStream({
        start(controller) {
          for (let piece = 0; piece < 10; piece += 1) controller.enqueue(Buffer.alloc(50_000, piece));
          controller.close();
        },
      });
      const counted = await new Visitor(site.port).ask('/count', {
        method: 'POST',
        body,
        duplex: 'half',
      });
      assert.deepEqual(await counted.json(), { bytes: 500_000, declared: 500_000 });
    });

    test('a large answer comes whole, and events as they happen', async () => {
      const visitor = new Visitor(site.port);
      let bytes = 0;
      for await (const piece of (await visitor.ask('/large?mb=20')).body ?? []) bytes += piece.byteLength;
      assert.equal(bytes, 20 * MEGABYTE);
      const events = await visitor.ask('/events');
      assert.equal(await events.text(), 'data: 0\n\ndata: 1\n\ndata: 2\n\n');
    });

    test('what the application believes of a request is what the gateway told it', async () => {
      const forged = {
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-host': 'evil.example',
        forwarded: 'for=203.0.113.9',
        'x-script-name': '/evil',
        'x-real-ip': '203.0.113.9',
        proxy: 'http://evil.example',
      };
      const seen = (await (await new Visitor(site.port).ask('/seen', { headers: forged })).json()) as {
        headers: [string, string][];
      };
      const told = new Map(seen.headers.map(([header, value]) => [header.toLowerCase(), value]));
      assert.ok(!JSON.stringify(seen).includes('203.0.113.9') && !JSON.stringify(seen).includes('evil'));
      assert.equal(told.get('host'), `localhost:${site.port}`);
      assert.match(told.get('x-request-id') ?? '', /^[\w-]{22}$/);
    });

    test('a page of the application that breaks tells nobody how', async () => {
      const broken = await new Visitor(site.port).ask('/broken');
      assert.equal(broken.status, 500);
      assert.ok(!(await broken.text()).includes('secret-path'));
      assert.match(site.log(), /sys_crash/);
    });

    test('a form from another site is refused before the application hears of it', async () => {
      const ann = new Visitor(site.port);
      await ann.signIn('ann');
      const text = new URLSearchParams({ text: 'forged' });
      const forged = await ann.ask('/notes', {
        method: 'POST',
        body: text,
        headers: { 'sec-fetch-site': 'cross-site' },
      });
      assert.equal(forged.status, 403);
      assert.ok(!(await (await ann.ask('/notes')).text()).includes('forged'));
    });

    test('while one client sends its upload slowly, and after four gave up, others are served', async () => {
      const slow = await openSocket(site.port);
      slow.socket.write(
        `POST /count HTTP/1.1\r\nHost: localhost:${site.port}\r\nContent-Length: 100\r\n\r\nslow`,
      );
      const gone = await Promise.all([1, 2, 3, 4].map(async () => await openSocket(site.port)));
      for (const { socket } of gone) {
        socket.write(`GET /events?count=40 HTTP/1.1\r\nHost: localhost:${site.port}\r\n\r\n`);
        socket.end();
        socket.destroy();
      }
      assert.equal((await new Visitor(site.port).ask('/login')).status, 200);
      assert.ok(!slow.received().includes('HTTP/1.1'));
      slow.socket.write('x'.repeat(96));
      while (!slow.received().includes('"bytes":100')) await once(slow.socket, 'data');
      slow.socket.destroy();
    });

    if (server.hasWebSockets)
      test("a WebSocket opens for the site's own pages, and for no other", async () => {
        const ann = new Visitor(site.port);
        await ann.signIn('ann');
        const open = async (origin: string): Promise<string> => {
          const socket = new WebSocket(`ws://localhost:${site.port}/echo`, {
            headers: { origin, cookie: ann.cookie },
          });
          const ended = Promise.withResolvers<string>();
          socket.addEventListener('open', () => socket.send('hello'));
          socket.addEventListener('message', ({ data }) => {
            ended.resolve(String(data));
            socket.close();
          });
          socket.addEventListener('error', () => ended.resolve('refused'));
          return await ended.promise;
        };
        assert.equal(await open(`http://localhost:${site.port}`), 'ann: hello');
        assert.equal(await open('http://evil.example'), 'refused');
      });
  });
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
