/** Applications on Django, FastAPI and Express behind the gateway, unmodified: not for Flask alone. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { testPolicy } from '../hosts/hosts.ts';
import { endGroup, freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { Visitor } from './flask-visitor.ts';
import { gunicorn, startApp } from './python-app.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const BY_HTTPS = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' };
const MEGABYTE = 1024 * 1024;

interface Site {
  readonly port: number;
  readonly origin: string;
  readonly events: readonly AuditEvent[];
  readonly visitor: () => Visitor;
}

/** A gateway before whatever listens on a port. */
async function before(t: TestContext, upstreamPort: number): Promise<Site> {
  const port = await freePort();
  const origin = `https://localhost:${port}`;
  const events: AuditEvent[] = [];
  const gateway = createGateway(
    testPolicy(events, {
      origin,
      routes: {
        'POST /login': { limit: '5/minute', by: ['client', 'account'], accountField: 'username' },
        'POST /count': { bodyLimit: '120MB' },
      },
      gateway: { upstream: `http://127.0.0.1:${upstreamPort}` },
    }),
  );
  gateway.server.listen(port, '127.0.0.1');
  await once(gateway.server, 'listening');
  t.after(async () => {
    gateway.server.closeAllConnections();
    gateway.server.close();
    await gateway.close();
  });
  return { port, origin, events, visitor: () => new Visitor(port, undefined, BY_HTTPS) };
}

async function postForm(
  visitor: Visitor,
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  return await visitor.ask(path, { method: 'POST', body: new URLSearchParams(fields), headers });
}

/** As much as is asked for, and as much as is sent. */
async function goesEitherWay(site: Site): Promise<void> {
  let bytes = 0;
  for await (const piece of (await site.visitor().ask('/large?mb=100')).body ?? []) bytes += piece.byteLength;
  assert.equal(bytes, 100 * MEGABYTE);
  const body = Buffer.alloc(100 * MEGABYTE);
  const counted = await site.visitor().ask('/count', { method: 'POST', body });
  assert.deepEqual(await counted.json(), { bytes: 100 * MEGABYTE, declared: 100 * MEGABYTE });
}

async function breaksInSilence({ visitor, events }: Site): Promise<void> {
  const broken = await visitor().ask('/broken');
  assert.equal(broken.status, 500);
  assert.ok(!(await broken.text()).includes('secret-path'));
  assert.ok(events.some(({ event }) => event === 'sys_crash'));
}

for (const [name, command] of [
  ['gunicorn', gunicorn('site_of.wsgi')],
  [
    'uvicorn',
    (port: number) => ['uvicorn', '--port', String(port), '--lifespan', 'off', 'site_of.asgi:application'],
  ],
] as const)
  test(`Django under ${name}: its form, its admin, and its own tokens`, async (t) => {
    const data = mkdtempSync(join(tmpdir(), 'bulwark-django-'));
    t.after(() => rmSync(data, { recursive: true, force: true }));
    const folder = join(EXAMPLES, 'flask/guestbook');
    const env = {
      GUESTBOOK_DATA: data,
      DJANGO_SECRET_KEY: 'for this test alone',
      DJANGO_SUPERUSER_PASSWORD: 'a long password',
      PYTHONDONTWRITEBYTECODE: '1',
    };
    for (const words of [
      ['migrate', '--verbosity', '0'],
      ['createsuperuser', '--noinput', '--username', 'ann', '--email', 'ann@example.com'],
    ]) {
      const { status, stderr } = spawnSync(join(pythonEnvironment(), 'python'), ['manage.py', ...words], {
        cwd: folder,
        env: { ...process.env, ...env },
        encoding: 'utf8',
      });
      assert.equal(status, 0, stderr);
    }
    const app = await startApp({ command, folder, env });
    t.after(() => app.stop());
    const site = await before(t, app.port);
    const ann = site.visitor();
    const tokenOf = async (path: string): Promise<string> =>
      /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await (await ann.ask(path)).text())?.[1] ?? '';
    const own = { origin: site.origin };

    const csrfmiddlewaretoken = await tokenOf('/');
    const entry = { csrfmiddlewaretoken, name: 'Ann', text: 'was <here>' };
    assert.equal((await postForm(ann, '/', entry, own)).status, 302);
    assert.match(await (await ann.ask('/')).text(), /was &lt;here&gt;/);

    assert.equal((await ann.ask('/admin/')).status, 302);
    const signIn = { username: 'ann', password: 'a long password', next: '/admin/' };
    const token = await tokenOf('/admin/login/');
    const signedIn = await postForm(ann, '/admin/login/', { ...signIn, csrfmiddlewaretoken: token }, own);
    assert.equal(signedIn.status, 302);
    for (const line of signedIn.headers.getSetCookie()) assert.match(line, /; Secure/);
    assert.match(await (await ann.ask('/admin/entries/entry/')).text(), /1 entry/);
    const add = { name: 'Bob', text: 'by the admin', shown: 'on' };
    const added = await postForm(
      ann,
      '/admin/entries/entry/add/',
      { ...add, csrfmiddlewaretoken: await tokenOf('/admin/entries/entry/add/') },
      own,
    );
    assert.equal(added.status, 302);
    assert.match(await (await ann.ask('/')).text(), /by the admin/);

    // Django's own refusal, and ours before it.
    const untold = await postForm(ann, '/', { name: 'x', text: 'no token' }, own);
    assert.equal(untold.status, 403);
    assert.doesNotMatch(await untold.text(), /urn:bulwark/);
    const forged = await postForm(ann, '/', entry, { 'sec-fetch-site': 'cross-site' });
    assert.equal(forged.status, 403);
    assert.match(await forged.text(), /urn:bulwark/);
  });

test('FastAPI under uvicorn: sign-in by JSON, items, a WebSocket that tells of changes, large bodies', async (t) => {
  const app = await startApp({
    command: (port) => ['uvicorn', '--port', String(port), 'main:app'],
    folder: join(EXAMPLES, 'flask/lists'),
  });
  t.after(() => app.stop());
  const site = await before(t, app.port);
  const ann = site.visitor();
  const send = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    await ann.ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  assert.equal((await ann.ask('/items')).status, 401);
  const signedIn = await send('/login', { username: 'ann', password: 'ann-password' });
  assert.deepEqual(await signedIn.json(), { user: 'ann' });
  assert.match(signedIn.headers.getSetCookie()[0] ?? '', /^sid=.*; Secure/);

  const headers = { cookie: ann.cookie, 'x-forwarded-proto': 'https' };
  const url = `ws://localhost:${site.port}/changes`;
  const socket = new WebSocket(url, { headers: { ...headers, origin: site.origin } });
  await once(socket, 'open');
  const told = once(socket, 'message') as Promise<[{ data: string }]>;
  assert.equal((await send('/items', { text: 'milk' })).status, 201);
  assert.deepEqual(JSON.parse((await told)[0].data), { added: 'milk' });
  socket.close();
  const foreign = new WebSocket(url, { headers: { ...headers, origin: 'https://evil.example' } });
  await once(foreign, 'error');

  assert.equal((await send('/items', { text: 'forged' }, { 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.deepEqual(await (await ann.ask('/items')).json(), ['milk']);
  assert.equal(await (await ann.ask('/events')).text(), 'data: 0\n\ndata: 1\n\ndata: 2\n\n');
  await breaksInSilence(site);
  await goesEitherWay(site);
});

test('Express on Node.js: a form without tokens, sessions of express-session, events, large bodies', async (t) => {
  const port = await freePort();
  const app = startNode(port);
  t.after(() => endGroup(app));
  await until('it listens', async () => (await fetch(`http://127.0.0.1:${port}/login`)).ok);
  const site = await before(t, port);
  const ann = site.visitor();
  const own = { origin: site.origin };
  assert.equal((await postForm(ann, '/login', { username: 'ann', password: 'wrong' }, own)).status, 200);
  const signedIn = await postForm(ann, '/login', { username: 'ann', password: 'ann-password' }, own);
  assert.equal(signedIn.headers.get('location'), '/');
  assert.match(signedIn.headers.getSetCookie()[0] ?? '', /^connect\.sid=.*; Secure; HttpOnly; SameSite=Lax/);
  assert.equal((await postForm(ann, '/posts', { text: 'hello <all>' }, own)).status, 302);
  const forged = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  assert.equal((await postForm(ann, '/posts', { text: 'forged' }, forged)).status, 403);
  const page = await ann.ask('/');
  const text = await page.text();
  assert.ok(text.includes('hello') && !text.includes('forged'));
  assert.equal(page.headers.get('x-powered-by'), null);
  assert.equal(await (await ann.ask('/events')).text(), 'data: 0\n\ndata: 1\n\ndata: 2\n\n');
  await breaksInSilence(site);
  await goesEitherWay(site);
  await postForm(ann, '/logout', {}, own);
  assert.match(await (await ann.ask('/')).text(), /Sign in/);
});

function startNode(port: number): ChildProcess {
  return spawn(process.execPath, ['server.js'], {
    cwd: join(EXAMPLES, 'node'),
    env: { ...process.env, PORT: String(port) },
    stdio: 'ignore',
    detached: true,
  });
}
