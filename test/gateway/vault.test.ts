/** The vault before the notes of examples/flask, whose signed cookie says who is there, and which know nothing of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { KNOWN_BROWSER_COOKIE } from '../../src/gateway/sign-in/known-browser.ts';
import { VAULT_COOKIE } from '../../src/gateway/vault/handle.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { behindGateway, FLASK_SERVERS, type FlaskNotes, startNotes } from './flask-servers.ts';
import { Visitor } from './flask-visitor.ts';

const SERVER = FLASK_SERVERS['gunicorn gthread'];
assert.ok(SERVER);

interface Site {
  readonly port: number;
  readonly gateway: Gateway;
  readonly events: readonly AuditEvent[];
  readonly stop: () => Promise<void>;
}

async function siteOf(notes: FlaskNotes, state: State, policy: PolicyOptions = {}): Promise<Site> {
  const events: AuditEvent[] = [];
  const gateway = createGateway(
    {
      environment: 'development',
      secrets: fixedSecrets(TEST_SECRET),
      state,
      audit: { sink: (_line, event) => void events.push(event) },
      ...policy,
    },
    { upstream: `http://127.0.0.1:${notes.port}`, vault: ['session'] },
  );
  gateway.server.listen(0, '127.0.0.1');
  await once(gateway.server, 'listening');
  const stop = async (): Promise<void> => {
    gateway.server.closeAllConnections();
    gateway.server.close();
    await gateway.close();
  };
  return { port: (gateway.server.address() as AddressInfo).port, gateway, events, stop };
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-vault-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function isSignedIn(visitor: Visitor): Promise<boolean> {
  return (await visitor.ask('/notes')).status === 200;
}

describe('the vault before Flask', () => {
  let notes: FlaskNotes;
  before(async () => {
    notes = await startNotes(SERVER);
  });
  after(() => notes.stop());

  const open = async (t: TestContext, state: State = memory(), policy?: PolicyOptions): Promise<Site> => {
    const site = await siteOf(notes, state, policy);
    t.after(() => site.stop());
    return site;
  };

  test('a browser has a handle, and never sees the cookie of the application', async (t) => {
    const site = await open(t);
    const ann = new Visitor(site.port);
    assert.equal((await ann.ask('/')).headers.getSetCookie().length, 0);
    assert.deepEqual([...ann.jar], []);
    const lines = (await ann.signIn('ann')).headers.getSetCookie();
    assert.match(lines.join('\n'), /^__Host-vault=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/m);
    assert.ok(await isSignedIn(ann));
    assert.deepEqual([...ann.jar.keys()].toSorted(), [KNOWN_BROWSER_COOKIE, VAULT_COOKIE]);
    const seen = await (await ann.ask('/seen')).text();
    assert.match(seen, /"Cookie","session=/);
    assert.ok(!seen.includes('vault'));
  });

  test('a handle that was copied before the sign-out opens nothing after it', async (t) => {
    const site = await open(t);
    const ann = new Visitor(site.port);
    await ann.signIn('ann');
    const copy = new Visitor(site.port, ann.jar);
    assert.ok(await isSignedIn(copy));
    const out = await ann.ask('/logout', { method: 'POST' });
    assert.match(out.headers.getSetCookie()[0] ?? '', /^__Host-vault=; .*Max-Age=0$/);
    assert.equal(await isSignedIn(copy), false);
    assert.equal(await isSignedIn(ann), false);
    const told = site.events.map(({ event }) => event).filter((name) => name.startsWith('session_'));
    assert.deepEqual(told, ['session_created', 'session_expired']);
  });

  test('a cookie of the application that came out some other way opens nothing', async (t) => {
    const site = await open(t);
    const ann = new Visitor(site.port);
    await ann.signIn('ann');
    const { headers } = (await (await ann.ask('/seen')).json()) as { headers: [string, string][] };
    const cookie = new Map(headers).get('Cookie') ?? '';
    assert.match(cookie, /^session=[\w.-]+$/);
    for (const text of [
      cookie,
      `a=1; ${cookie}`,
      ` ${cookie.replace('=', ' =')}`,
      cookie.replace('s', 'S'),
    ]) {
      const answer = await new Visitor(site.port).ask('/notes', { headers: { cookie: text } });
      assert.equal(answer.status, 302, text);
    }
  });

  test('another user has another handle, and the one before opens nothing', async (t) => {
    const site = await open(t);
    const visitor = new Visitor(site.port);
    // A wrong password has Flask keep a message, and so a session of nobody.
    await visitor.ask('/login', { method: 'POST', body: new URLSearchParams({ username: 'ann' }) });
    const nobody = new Visitor(site.port, visitor.jar);
    await visitor.signIn('ann');
    const ann = new Visitor(site.port, visitor.jar);
    await visitor.signIn('bob');
    const handles = [nobody, ann, visitor].map(({ cookie }) => cookie);
    assert.equal(new Set(handles).size, 3);
    assert.deepEqual([await isSignedIn(nobody), await isSignedIn(ann)], [false, false]);
    assert.ok(await isSignedIn(visitor));
  });

  test('it ends where it lies idle, and at its absolute end', async (t) => {
    const clock = Date.now;
    let ahead = 0;
    t.mock.method(Date, 'now', () => clock() + ahead);
    const idle = await open(t, memory(), { session: { idle: '2h', touchEvery: '10m' } });
    const absolute = await open(t, memory(), { session: { idle: '2h', absolute: '2h', touchEvery: '10m' } });
    const [left, kept, used] = [new Visitor(idle.port), new Visitor(idle.port), new Visitor(absolute.port)];
    for (const visitor of [left, kept, used]) await visitor.signIn('ann');
    for (let step = 0; step < 4; step += 1) {
      ahead += 42 * 60_000;
      await kept.ask('/notes');
      await used.ask('/notes');
    }
    assert.deepEqual(
      [await isSignedIn(kept), await isSignedIn(left), await isSignedIn(used)],
      [true, false, false],
    );
  });

  test('it is ended from the server by the name of the user', async (t) => {
    const site = await open(t);
    const [ann, bob] = [new Visitor(site.port), new Visitor(site.port)];
    await ann.signIn('ann');
    await bob.signIn('bob');
    assert.equal((await site.gateway.sessions.list('ann')).length, 1);
    assert.equal(await site.gateway.sessions.revokeAccount('ann'), 1);
    assert.deepEqual([await isSignedIn(ann), await isSignedIn(bob)], [false, true]);
  });

  test('who was signed in is so after a restart, and a dump of the store says nothing of any cookie', async (t) => {
    const folder = folderOf(t);
    const first = await siteOf(notes, sqlite(folder));
    const ann = new Visitor(first.port);
    await ann.signIn('ann');
    const seen = await (await ann.ask('/seen')).text();
    const cookie = /session=([\w.-]+)/.exec(seen)?.[1] ?? '';
    assert.ok(cookie.length > 20);
    await first.stop();
    const handle = ann.jar.get(VAULT_COOKIE) ?? '';
    for (const file of readdirSync(folder)) {
      const dump = readFileSync(join(folder, file)).toString('latin1');
      for (const text of [
        cookie,
        cookie.split('.')[0] ?? '',
        handle,
        Buffer.from(handle, 'base64url').toString('latin1'),
      ])
        assert.ok(!dump.includes(text), file);
    }
    const second = await open(t, sqlite(folder));
    assert.ok(await isSignedIn(new Visitor(second.port, ann.jar)));
  });

  test('a WebSocket is of whoever the handle is of', async (t) => {
    const site = await open(t);
    const ann = new Visitor(site.port);
    await ann.signIn('ann');
    const socket = new WebSocket(`ws://localhost:${site.port}/echo`, {
      headers: { origin: `http://localhost:${site.port}`, cookie: ann.cookie },
    });
    await once(socket, 'open');
    socket.send('hello');
    const [{ data }] = (await once(socket, 'message')) as [{ data: unknown }];
    assert.equal(data, 'ann: hello');
    socket.close();
  });
});

test('`--vault` keeps what frameworks call their session', async (t) => {
  const site = await behindGateway(SERVER, ['--vault']);
  t.after(() => site.stop());
  const ann = new Visitor(site.port);
  await ann.signIn('ann');
  assert.deepEqual([...ann.jar.keys()].toSorted(), [KNOWN_BROWSER_COOKIE, VAULT_COOKIE]);
  assert.ok(await isSignedIn(ann));
  assert.match(site.log(), /vault +keeps session, sessionid, /);
});
