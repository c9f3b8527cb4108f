/** Sessions: new where rights change, over when they are over, and nobody's where there is nobody. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { held } from '../hosts/application.ts';
import { HOSTS } from '../hosts/hosts.ts';
import type { View } from '../../src/layer/view.ts';
import { newSessionId } from '../../src/controls/sessions/session-cookie.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { ask, type RawAnswer, sessionCookieOf } from '../../src/testing/wire.ts';
import { pastFailure, type Starts } from './holds.ts';
import { naiveSessionsSite } from './recipes.ts';
import { bareSite, everyHost, json, nodeSite, postForm, type Site } from './sites.ts';

const naiveSessions = { 'sessions as they are often made': () => naiveSessionsSite(new Map()) };

async function signIn(port: number, cookie?: string): Promise<string> {
  const answer = await postForm(port, '/sign-in?account=ann', '', { headers: cookie ? { cookie } : {} });
  assert.equal(answer.status, 200);
  return sessionCookieOf(answer) ?? assert.fail('no cookie is set');
}

async function accountOf(port: number, cookie: string): Promise<unknown> {
  const answer = await ask(port, { target: '/me', headers: { cookie } });
  return (JSON.parse(answer.body) as { account: unknown }).account;
}

pastFailure(12, 'sign-in makes a new session id, and a made-up id is never adopted', {
  on: everyHost(),
  off: naiveSessions,
  check: async ({ port }) => {
    // Of the right form: one that is no id at all would be passed over for that alone.
    const planted = `__Host-sid=${newSessionId()}`;
    assert.equal(await accountOf(port, planted), null);
    const first = await signIn(port, planted);
    assert.equal(await accountOf(port, first), 'ann');
    assert.equal(await accountOf(port, planted), null, 'whoever planted the id is signed in with it');
    assert.notEqual(first, planted);
    const second = await signIn(port, first);
    assert.notEqual(second, first);
    assert.equal(await accountOf(port, first), null, 'the id of before is worth nothing after');
  },
  seen: /whoever planted the id is signed in/,
});

/** Asks for `/held` and comes back once the request waits there. */
async function hold(
  port: number,
  cookie: string,
): Promise<{ release: () => void; answer: Promise<RawAnswer> }> {
  const arrived = new Promise<void>((resolve) => {
    held.arrived = resolve;
  });
  const { promise, resolve: release } = Promise.withResolvers<void>();
  held.release = promise;
  const answer = ask(port, { target: '/held', headers: { cookie } });
  await arrived;
  return { release, answer };
}

pastFailure(13, 'a request held open across sign-out is 401 at its end and after', {
  on: everyHost(),
  off: naiveSessions,
  check: async ({ port }) => {
    const cookie = await signIn(port);
    const { release, answer } = await hold(port, cookie);
    const signedOut = await postForm(port, '/sign-out', '', { headers: { cookie } });
    assert.equal(signedOut.status, 200);
    release();
    const late = await answer;
    assert.equal(late.status, 401, `the held request is answered ${late.status}`);
    assert.ok(!late.body.includes('for the signed-in only'));
    assert.equal((await ask(port, { target: '/held', headers: { cookie } })).status, 401, 'and after');
  },
  seen: /the held request is answered 200/,
});

pastFailure(13, 'a request held open across sign-out brings no session back', {
  on: everyHost(),
  off: naiveSessions,
  check: async ({ port }) => {
    const cookie = await signIn(port);
    const { release, answer } = await hold(port, cookie);
    await postForm(port, '/sign-out', '', { headers: { cookie } });
    release();
    await answer;
    assert.equal(await accountOf(port, cookie), null, 'the held request brought the session back');
  },
  seen: /brought the session back/,
});

/** A site whose stored rows can be counted. */
interface Counted extends Site {
  readonly rows: () => number;
}

/** The same SQLite file as the site's, read beside it. */
function temporaryStore(): { directory: string; rows: () => number; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-past-failures-'));
  const rows = (): number => {
    const db = new DatabaseSync(join(directory, 'bulwark.db'), { readOnly: true });
    const tables = ['sessions', 'tokens', 'counters'];
    const counts = tables.map((table) =>
      Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']),
    );
    db.close();
    return counts.reduce((sum, count) => sum + count, 0);
  };
  return { directory, rows, remove: () => rmSync(directory, { recursive: true }) };
}

function countedHosts(): Starts<Counted> {
  const starts = Object.entries(HOSTS).map(([name, host]) => {
    const start = async (): Promise<Counted> => {
      const { directory, rows, remove } = temporaryStore();
      const site = await host({ state: sqlite(directory), rateLimit: { perClient: '1000000/minute' } });
      const stop = async (): Promise<void> => {
        await site.stop();
        remove();
      };
      return { ...site, rows, stop };
    };
    return [`the layer on ${name}, on SQLite`, start] as const;
  });
  return Object.fromEntries(starts);
}

async function countedNaiveSite(): Promise<Counted> {
  const sessions = new Map();
  return { ...(await naiveSessionsSite(sessions)), rows: () => sessions.size };
}

const VISITS = 3000;

async function visit(agent: Agent, port: number, path: string, address: string): Promise<void> {
  const headers = { host: 'example.com', 'x-forwarded-for': address, 'x-forwarded-proto': 'https' };
  const status = await new Promise<number | undefined>((resolve, reject) => {
    get({ agent, host: '127.0.0.1', port, path, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    }).on('error', reject);
  });
  assert.ok(status === 200 || status === 404);
}

pastFailure(23, '3,000 visitors without a cookie write no row to any store', {
  on: countedHosts(),
  off: { 'a session for every visitor': countedNaiveSite },
  check: async ({ port, rows }) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    // Pages, pages that look who is signed in, and paths that are not there.
    const paths = ['/', '/me', '/json', '/nowhere', '/download'];
    const visits = Array.from({ length: VISITS }, (_, index) => paths[index % paths.length] ?? '/');
    await Promise.all(
      visits.map((path, index) => visit(agent, port, path, `10.1.${index >> 8}.${index & 255}`)),
    );
    assert.equal(rows(), 0, `${rows()} rows are stored`);
    // Of one who asks for as much alone, one count, by which all processes together hold it to the general limit.
    await Promise.all(visits.map((path) => visit(agent, port, path, '192.0.2.1')));
    agent.destroy();
    assert.ok(rows() <= 1);
    // The rows of someone who signs in are seen, so those of visitors would have been.
    const before = rows();
    await signIn(port);
    assert.equal(rows(), before + 1);
  },
  seen: /^3000 rows are stored/,
});

/** A site whose store can be dumped. */
interface Dumped extends Site {
  readonly dump: () => string;
}

interface Given {
  readonly token: string;
}

/** Every byte of every file in a directory: the database, and what lies beside it. */
function bytesOf(directory: string): string {
  return readdirSync(directory)
    .map((file) => readFileSync(join(directory, file), 'latin1'))
    .join('\n');
}

async function dumpedSite(): Promise<Dumped> {
  const { directory, remove } = temporaryStore();
  const handle = async (_request: IncomingMessage, response: ServerResponse, view: View): Promise<void> => {
    await view.session.signIn({ account: 'ann@example.com' });
    json(response, { token: await view.session.issueToken('confirm', 60_000) } satisfies Given);
  };
  const site = await nodeSite(handle, { state: sqlite(directory) });
  const stop = async (): Promise<void> => {
    await site.stop();
    remove();
  };
  return { ...site, dump: () => bytesOf(directory), stop };
}

/** What one gives out, stored as one gives it out. */
async function clearTextSite(): Promise<Dumped> {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-past-failures-'));
  const db = new DatabaseSync(join(directory, 'app.db'));
  db.exec('CREATE TABLE sessions (id TEXT, token TEXT, account TEXT)');
  const site = await bareSite((_request, response) => {
    const [id, token] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
    db.prepare('INSERT INTO sessions VALUES (?, ?, ?)').run(id, token, 'ann@example.com');
    response.setHeader('Set-Cookie', `__Host-sid=${id}; Path=/`);
    json(response, { token } satisfies Given);
  });
  const stop = async (): Promise<void> => {
    await site.stop();
    db.close();
    rmSync(directory, { recursive: true });
  };
  return { ...site, dump: () => bytesOf(directory), stop };
}

pastFailure(29, 'a dump of the store holds neither a session id nor a one-time token', {
  on: { 'the layer on SQLite': dumpedSite },
  off: { 'ids and tokens as they are given out': clearTextSite },
  check: async ({ port, dump }) => {
    const answer = await postForm(port, '/', '');
    const { token } = JSON.parse(answer.body) as Given;
    const id = sessionCookieOf(answer)?.split('=')[1];
    assert.ok(id !== undefined && id.length >= 22 && token.length >= 22);
    const stored = dump();
    assert.ok(stored.includes('ann@example.com'), 'the dump is of this store');
    assert.ok(!stored.includes(id), 'the session id is in the dump');
    assert.ok(!stored.includes(token), 'the one-time token is in the dump');
  },
  seen: /the session id is in the dump/,
});
