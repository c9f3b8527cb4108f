/** The packed tarball on Bun and on Deno: one application, the same answers. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  ask,
  exchangeBytes,
  parseAnswer,
  sessionCookieOf,
  valueOf,
  valuesOf,
} from '../../src/testing/wire.ts';
import { TEST_SECRET } from '../support/secrets.ts';
import { Tarball } from './tarball.ts';

const APPLICATION = `
import { bulwark } from 'bulwark/web';
import { memory } from 'bulwark/memory';
const events = [];
const layer = bulwark({
  environment: 'production',
  origin: 'https://example.com',
  state: memory(),
  proxy: { trusted: ['127.0.0.1'] },
  audit: { sink: (_line, event) => void events.push([event.event, event.details?.code]) },
  body: { limit: '1KB' },
  routes: {
    '/members/**': { require: 'signed-in' },
    '/limited': { limit: '2/1h' },
    'POST /login': { limit: '5/minute', by: ['account'] },
  },
});
const ANSWERS = {
  '/': ({ nonce, client }) => Response.json({ nonce: nonce.length, client: client.address }),
  '/limited': () => new Response('limited'),
  '/members/page': () => new Response('members'),
  '/throw': () => { throw new Error('the database password is hunter2'); },
  '/sign-in': async (view) => { await view.session.signIn({ account: 'ann', roles: [] }); return new Response('in'); },
  '/echo': async (_view, request) => new Response(String((await request.text()).length)),
  '/login': async (_view, request) => new Response(await request.text()),
  '/events': () => Response.json(events),
};
const handler = layer.handler((request) => {
  const answer = ANSWERS[new URL(request.url).pathname];
  return answer === undefined ? new Response('nothing here', { status: 404 }) : answer(bulwark.of(request), request);
});
`;

const SERVERS: Readonly<
  Record<
    string,
    { readonly packages: readonly string[]; readonly command: readonly string[]; readonly serve: string }
  >
> = {
  Bun: {
    packages: ['@oven/bun-linux-x64@1.4.5'],
    command: ['node_modules/@oven/bun-linux-x64/bin/bun', 'run', 'app.mjs'],
    serve:
      "const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: handler });\nconsole.log(server.port);",
  },
  Deno: {
    packages: ['@deno/linux-x64-glibc@2.9.6'],
    command: [
      'node_modules/@deno/linux-x64-glibc/deno',
      'run',
      '--quiet',
      '--allow-net=127.0.0.1',
      '--allow-env',
      '--allow-sys',
      '--allow-read=.',
      'app.mjs',
    ],
    serve:
      "Deno.serve({ port: 0, hostname: '127.0.0.1', onListen: ({ port }) => console.log(port) }, handler);",
  },
};

const tarball = new Tarball();
before(() => tarball.pack());
after(() => tarball.remove());

const isHere =
  process.platform === 'linux' && process.arch === 'x64' && existsSync('/lib64/ld-linux-x86-64.so.2');

for (const [name, { packages, command, serve }] of Object.entries(SERVERS)) {
  describe(
    `bulwark/web on ${name}`,
    { skip: isHere ? false : 'the binaries that are pinned are of Linux on x64' },
    () => {
      let port = 0;
      let errors = '';
      let stop: () => void = () => undefined;
      before(async () => {
        const home = tarball.install(name, packages);
        writeFileSync(join(home, 'app.mjs'), APPLICATION + serve);
        const [program = '', ...args] = command;
        const child = spawn(join(home, program), args, {
          cwd: home,
          env: { PATH: process.env['PATH'], HOME: home, BULWARK_SECRET: TEST_SECRET },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        stop = () => void child.kill('SIGKILL');
        child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
        port = await new Promise<number>((resolve, reject) => {
          child.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
          child.once('exit', () => reject(new Error(`it ended: ${errors}`)));
        });
      });
      after(() => stop());

      test('a page has its headers, and the client is who the proxy names', async () => {
        const page = await ask(port, { headers: { 'x-forwarded-for': '192.0.2.7' } });
        assert.deepEqual([page.status, JSON.parse(page.body)], [200, { nonce: 22, client: '192.0.2.7' }]);
        assert.equal(valueOf(page, 'x-frame-options'), 'DENY');
        assert.match(valueOf(page, 'strict-transport-security') ?? '', /max-age=63072000/);
        assert.match(valuesOf(page, 'content-security-policy').join(), /frame-ancestors 'none'/);
      });

      test('rules, hosts, schemes and forgeries are judged', async () => {
        assert.equal((await ask(port, { target: '/members/page' })).status, 401);
        assert.equal((await ask(port, { headers: { host: 'evil.example' } })).status, 421);
        const plain = await ask(port, { headers: { 'x-forwarded-proto': 'http' } });
        assert.deepEqual([plain.status, valueOf(plain, 'location')], [308, 'https://example.com/']);
        const forged = {
          method: 'POST',
          target: '/echo',
          headers: { 'sec-fetch-site': 'cross-site' },
          body: 'a=1',
        };
        assert.equal((await ask(port, forged)).status, 403);
        const two = [];
        for (let time = 0; time < 3; time += 1) two.push((await ask(port, { target: '/limited' })).status);
        assert.deepEqual(two, [200, 200, 429]);
      });

      test('an absolute target for another host is answered by nobody', async () => {
        const bytes =
          'GET https://evil.example/ HTTP/1.1\r\nHost: example.com\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n';
        const answer = parseAnswer(await exchangeBytes(port, bytes));
        assert.ok(answer.status >= 400 || !answer.body.includes('evil'), answer.body);
      });

      test('a session is opened and known by its cookie', async () => {
        const headers = { 'sec-fetch-site': 'same-origin' };
        const cookie = sessionCookieOf(await ask(port, { method: 'POST', target: '/sign-in', headers }));
        assert.ok(cookie !== undefined);
        const members = await ask(port, { target: '/members/page', headers: { cookie } });
        assert.deepEqual([members.status, valueOf(members, 'cache-control')], [200, 'no-store']);
      });

      test('bodies are counted, read by limits and left whole for the handler', async () => {
        const own = { 'sec-fetch-site': 'same-origin' };
        assert.equal(
          (await ask(port, { method: 'POST', target: '/echo', headers: own, body: 'x'.repeat(900) })).body,
          '900',
        );
        assert.equal(
          (await ask(port, { method: 'POST', target: '/echo', headers: own, body: 'x'.repeat(1100) })).status,
          413,
        );
        const chunked = `POST /echo HTTP/1.1\r\nHost: example.com\r\nX-Forwarded-Proto: https\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
        const chunk = `${(700).toString(16)}\r\n${'x'.repeat(700)}\r\n`;
        assert.equal(parseAnswer(await exchangeBytes(port, `${chunked}${chunk}0\r\n\r\n`)).body, '700');
        assert.equal(
          parseAnswer(await exchangeBytes(port, `${chunked}${chunk}${chunk}0\r\n\r\n`)).status,
          413,
        );
        const form = { ...own, 'content-type': 'application/x-www-form-urlencoded' };
        const body = 'email=ann%40example.com';
        assert.equal((await ask(port, { method: 'POST', target: '/login', headers: form, body })).body, body);
      });

      test('an error tells nothing, and what the layer cannot see is told once', async () => {
        const failed = await ask(port, { target: '/throw' });
        assert.equal(failed.status, 500);
        assert.ok(!failed.body.includes('hunter2'));
        const events = JSON.parse((await ask(port, { target: '/events' })).body) as (readonly [
          string,
          string | null,
        ])[];
        assert.equal(events.filter(([, code]) => code === 'ERR_BULWARK_WEB_UNSEEN').length, 1);
        assert.ok(events.some(([event]) => event === 'sys_crash'));
        assert.doesNotMatch(errors, /hunter2/);
      });
    },
  );
}
