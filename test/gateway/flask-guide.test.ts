/** docs/guides/flask.md, followed: what it has people write is run as it stands, and what it says of a site is asked. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { check } from '../../src/check/check.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { ask } from '../../src/testing/wire.ts';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { testPolicy } from '../hosts/hosts.ts';
import { endGroup, freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { behindGateway, FLASK_SERVERS } from './flask-servers.ts';
import { gunicorn, startApp } from './python-app.ts';

const ROOT = join(import.meta.dirname, '../..');
const NOTES = join(ROOT, 'examples/flask/notes');
const GUIDE = readFileSync(join(ROOT, 'docs/guides/flask.md'), 'utf8');

/** What stands below a heading, up to the next. */
function section(heading: string): string {
  const from = GUIDE.indexOf(`\n## ${heading}\n`);
  assert.notEqual(from, -1, heading);
  const to = GUIDE.indexOf('\n## ', from + 1);
  return GUIDE.slice(from, to === -1 ? undefined : to);
}

/** The blocks of a language in it. */
function blocks(heading: string, language: string): readonly string[] {
  return [...section(heading).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );
}

let folder: string;
/** Where a shell finds `bulwark`, Python's programs and this Node.js. */
let path: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-guide-'));
  mkdirSync(join(folder, 'bin'));
  const command = join(ROOT, 'src/cli/bulwark.ts');
  writeFileSync(
    join(folder, 'bin/bulwark'),
    `#!/bin/sh\nexec "${process.execPath}" --conditions=bulwark-source "${command}" "$@"\n`,
  );
  chmodSync(join(folder, 'bin/bulwark'), 0o755);
  path = [join(folder, 'bin'), pythonEnvironment(), process.env['PATH']].join(delimiter);
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs lines of a shell, with free ports in place of those that the guide names. */
function shell(t: TestContext, lines: string, ports: Readonly<Record<string, number>>): ChildProcess {
  let text = lines;
  for (const [named, port] of Object.entries(ports)) text = text.replaceAll(named, String(port));
  const child = spawn('/bin/sh', ['-e', '-c', text], {
    cwd: NOTES,
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, PATH: path, NOTES_DATA: folder, PYTHONDONTWRITEBYTECODE: '1', NODE_ENV: '' },
  });
  t.after(() => endGroup(child));
  return child;
}

async function serves(port: number): Promise<void> {
  await until('the site is there', async () => {
    const page = await fetch(`http://localhost:${port}/login`);
    return page.ok && /script-src 'nonce-/.test(page.headers.get('content-security-policy') ?? '');
  });
}

test('in one command: both ways put the gateway in front of the notes', async (t) => {
  const [one = '', two = '', production = ''] = blocks('In one command', 'sh');
  assert.equal(one, 'bulwark run -- gunicorn app:app\n');
  const port = await freePort();
  const running = shell(t, one.replace('bulwark run', `exec bulwark run --listen 127.0.0.1:${port}`), {});
  await serves(port);
  running.kill('SIGTERM');
  await once(running, 'exit');
  assert.equal(running.exitCode, 0);

  const [upstream, listen] = [await freePort(), await freePort()];
  shell(t, two.replace(/\n$/, ' --listen 127.0.0.1:8080\n'), { 8000: upstream, 8080: listen });
  // Asked by itself: what is asked of the gateway meanwhile counts.
  await until('the application is there', async () => (await fetch(`http://127.0.0.1:${upstream}/`)).ok);
  await serves(listen);

  const [socket, behind] = [join(folder, 'app.sock'), await freePort()];
  shell(t, `gunicorn --bind unix:${socket} app:app &\n${production.replace('/run/app.sock', socket)}`, {
    8080: behind,
  });
  await until('the application is there', () => takesConnections(socket));
  await until('it answers its own origin', async () => {
    const headers = { host: 'notes.example.com' };
    return (await ask(behind, { target: '/login', headers })).status === 200;
  });
  assert.equal((await ask(behind, { target: '/login' })).status, 421);
});

test('what `check` says: every rule of the table falls short of the bare notes, and holds behind the gateway', async (t) => {
  const SERVER = FLASK_SERVERS['gunicorn gthread'];
  assert.ok(SERVER);
  const site = await behindGateway(SERVER);
  t.after(() => site.stop());
  const look = async (port: number): Promise<Set<string>> => {
    const report = await check({ url: `http://localhost:${port}/login`, ownHost: true });
    return new Set(report.results.filter(({ outcome }) => outcome === 'fell-short').map(({ rule }) => rule));
  };
  const rows = [...section('What `check` says of your site today').matchAll(/^\| (`.+?) \|.*\| (.*) \|$/gm)];
  const told = rows.flatMap(([, rules = '', now = '']) =>
    [...rules.matchAll(/`([\w.-]+)`/g)].map(([, id = '']) => ({ id, holds: now === 'held' })),
  );
  assert.deepEqual([...(await look(site.upstreamPort))].toSorted(), told.map(({ id }) => id).toSorted());
  const left = told.filter(({ holds }) => !holds).map(({ id }) => id);
  assert.deepEqual([...(await look(site.port))].toSorted(), left.toSorted());
});

test('the five lines: the application knows its client, prints the nonce, and keeps its own tokens and limits', async (t) => {
  const [lines = ''] = blocks('What to change in Flask, if anything', 'python');
  writeFileSync(
    join(folder, 'five_lines.py'),
    `${lines}
from flask import render_template_string, url_for

@app.get("/")
def home():
    return render_template_string("<script nonce='{{ nonce() }}'>1</script>{{ csrf_token() }}")

@app.get("/who")
@limiter.limit("2/minute")
def who():
    return {"remote": request.remote_addr, "url": url_for("home", _external=True)}

@app.post("/post")
def post():
    return "taken"
`,
  );
  const app = await startApp({ command: gunicorn('five_lines:app'), folder });
  t.after(() => app.stop());
  const port = await gatewayBefore(t, `http://127.0.0.1:${app.port}`, []);
  const page = await ask(port, { headers: { accept: 'text/html', 'x-bulwark-nonce': 'of-the-client' } });
  const [, nonce = ''] = /<script nonce='([^']+)'>/.exec(page.body) ?? [];
  const policy = page.headers.find(([name]) => name === 'content-security-policy')?.[1] ?? '';
  assert.ok(nonce.length > 20 && policy.includes(`'nonce-${nonce}'`), policy);
  const who = async (client: string): Promise<number> =>
    (await ask(port, { target: '/who', headers: { 'x-forwarded-for': client } })).status;
  assert.deepEqual(JSON.parse((await ask(port, { target: '/who' })).body), {
    remote: '192.0.2.1',
    url: 'https://example.com/',
  });
  assert.deepEqual([await who('192.0.2.1'), await who('192.0.2.1'), await who('192.0.2.2')], [200, 429, 200]);
  const headers = { 'sec-fetch-site': 'same-origin', origin: 'https://example.com' };
  assert.equal((await ask(port, { method: 'POST', target: '/post', headers, body: '' })).status, 400);
});

describe('servers', () => {
  const rows = [...section('Servers').matchAll(/^\| ([^|]+) \| `([^`]+)` \| ([^|]+) \|$/gm)];
  assert.equal(rows.length, 8);
  for (const [, name = '', command = '', note = ''] of rows)
    test(`${name}, as the table has it, and what it says of https`, async (t) => {
      const socket = join(mkdtempSync(join(folder, 'socket-')), 'app.sock');
      // No shell has a say in it: the star is the server's.
      const [program = '', ...words] = command.replace('/run/app.sock', socket).split(' ');
      const trusted = words.indexOf('--trusted-proxy-headers=x-forwarded-proto');
      const server = spawn(join(pythonEnvironment(), program), words, {
        cwd: NOTES,
        detached: true,
        stdio: 'ignore',
        env: { ...process.env, NOTES_DATA: folder, PYTHONDONTWRITEBYTECODE: '1' },
      });
      t.after(() => endGroup(server));
      const port = await gatewayBefore(t, `unix:${socket}`, []);
      await until('it listens', () => takesConnections(socket));
      const seen = await ask(port, { target: '/seen' });
      assert.equal(seen.status, 200, seen.body);
      const { url, remote } = JSON.parse(seen.body) as { url: string; remote: string };
      if (name.startsWith('gunicorn')) assert.equal(remote, '', 'without ProxyFix nobody is named');
      assert.equal(url.startsWith('https:'), !note.includes('only by `ProxyFix`'), url);
      if (trusted !== -1) assert.match(note, /--trusted-proxy/);
    });
});

test('observe: what it would have refused passes, and is in the log', async (t) => {
  const [policy = ''] = blocks('Observe, and roll back', 'ts');
  const sections = [...policy.matchAll(/^ {2}(\w+): \{ mode: 'observe' \},$/gm)].map(([, name = '']) => [
    name,
    { mode: 'observe' },
  ]);
  assert.equal(sections.length, 4);
  const app = await startApp({
    command: gunicorn('app:app'),
    folder: NOTES,
    env: { NOTES_DATA: folder },
  });
  t.after(() => app.stop());
  const events: AuditEvent[] = [];
  const address = `http://127.0.0.1:${app.port}`;
  const observing = await gatewayBefore(t, address, events, Object.fromEntries(sections));
  const enforcing = await gatewayBefore(t, address, []);
  const forged = {
    method: 'POST',
    target: '/count',
    headers: { 'sec-fetch-site': 'cross-site' },
    body: 'forged',
  };
  assert.equal((await ask(enforcing, forged)).status, 403);
  assert.equal((await ask(observing, forged)).status, 200);
  assert.ok(JSON.stringify(events).includes('"observed":true'));
});

/** Asked past the gateway, where what is asked meanwhile would count. Rejects where nobody listens. */
async function takesConnections(path: string): Promise<true> {
  const socket = connect({ path });
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}

async function gatewayBefore(
  t: TestContext,
  upstream: string,
  events: AuditEvent[],
  policy: object = {},
): Promise<number> {
  const gateway = createGateway(testPolicy(events, { ...policy, gateway: { upstream } }));
  gateway.server.listen(0, '127.0.0.1');
  await once(gateway.server, 'listening');
  t.after(async () => {
    gateway.server.closeAllConnections();
    gateway.server.close();
    await gateway.close();
  });
  return (gateway.server.address() as AddressInfo).port;
}
