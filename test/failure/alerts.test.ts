/** Alerts on attacks that are made of real requests, to a real server; and over real processes, of which one alone tells. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import express from 'express';
import { Accounts, visitOf } from '../../src/accounts/accounts.ts';
import { accountPages } from '../../src/adapters/account-pages.ts';
import { bulwark } from '../../src/adapters/express.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { Passwords } from '../../src/identity/passwords/passwords.ts';
import {
  type AccountHost,
  type AccountSite,
  MEMBERS,
  onExpress,
  startAccountSite,
} from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { RedisServer } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { Visitor } from '../support/visitor.ts';
import { memory } from '../../src/stores/memory/state.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-alerts-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

/** The application with a page for operators, and one that fails. */
const onOperators: AccountHost = (policy, prepare) => {
  const layer = bulwark(policy);
  prepare(layer);
  const app = express();
  app.set('env', 'test');
  app.use(layer);
  app.use(accountPages(layer));
  app.get('/secret', (_request, response) => void response.send(MEMBERS));
  app.post('/roles/:id', async (request, response) => {
    const visit = visitOf(bulwark.of(request), request, response);
    response.json(await Accounts.of(layer).setRoles(visit, request.params.id, ['admin']));
  });
  app.get('/broken', () => {
    throw new Error('broken');
  });
  return { layer, server: layer.createServer(app) };
};

const HASH = new Passwords().hash(PASSWORD);
const SAME_SITE = { 'sec-fetch-site': 'same-origin' };

/** What was told, once the rules have looked at everything. */
async function alertsOf({ events }: Pick<AccountSite, 'events'>, least: number): Promise<readonly string[]> {
  const raised = (): readonly AuditEvent[] => events.filter(({ event }) => event === 'alert_raised');
  if (least > 0) await until(`${least} alerts`, () => raised().length >= least);
  return raised().map(({ details }) => String(details?.['rule']));
}

async function wrong(site: AccountSite, email: string, address: string): Promise<void> {
  const headers = { ...SAME_SITE, 'x-forwarded-for': address };
  await new Visitor(site.url).post('/login', { email, password: 'not the one at all' }, headers);
}

test('guessing over real sign-ins: one account from many places, many accounts from one, and a list from everywhere', async () => {
  // Lower thresholds, and the same rules: each wrong password costs a hash of real memory.
  const site = await startAccountSite(onExpress, {
    alerts: {
      log: true,
      rules: {
        'one-account': { threshold: '3/hour' },
        spraying: { threshold: '3/hour' },
        stuffing: { threshold: '12/hour' },
      },
    },
  });
  try {
    for (const name of ['ann', 'bob', 'cat', 'dan', 'eve'])
      await site.accounts.create({ email: `${name}@example.com`, passwordHash: await HASH });
    // Ordinary: two people mistype, and then sign in.
    for (const name of ['ann', 'bob']) {
      await wrong(site, `${name}@example.com`, name === 'ann' ? '192.0.2.1' : '198.51.100.1');
      await new Visitor(site.url).post('/login', { email: `${name}@example.com`, password: PASSWORD });
    }
    assert.deepEqual(await alertsOf(site, 0), []);
    for (let network = 0; network < 4; network += 1)
      await wrong(site, 'ann@example.com', `10.1.${network}.1`);
    assert.deepEqual(await alertsOf(site, 1), ['one-account']);
    for (const name of ['ann', 'bob', 'cat', 'dan', 'eve'])
      await wrong(site, `${name}@example.com`, '203.0.113.77');
    assert.deepEqual(await alertsOf(site, 2), ['one-account', 'spraying']);
    for (let network = 0; network < 8; network += 1)
      await wrong(site, `nobody${network}@example.com`, `10.2.${network}.1`);
    assert.deepEqual(await alertsOf(site, 3), ['one-account', 'spraying', 'stuffing']);
  } finally {
    await site.stop();
  }
});

test('a stolen cookie, an operator at a new browser, a role, a crash, and a surge of forged posts', async () => {
  const site = await startAccountSite(onOperators, { alerts: { log: true }, rateLimit: { mode: 'off' } });
  try {
    await site.accounts.create({ email: 'ada@example.com', passwordHash: await HASH, roles: ['admin'] });
    await site.accounts.create({ email: 'ann@example.com', passwordHash: await HASH });
    const ann = new Visitor(site.url);
    await ann.post('/login', { email: 'ann@example.com', password: PASSWORD });
    assert.equal((await ann.get('/secret')).status, 200);
    assert.deepEqual(await alertsOf(site, 0), []);
    // A load: all of it is allowed, and none of it is news.
    const pages = Array.from({ length: 300 }, async () => (await ann.get('/secret')).status);
    assert.deepEqual([...new Set(await Promise.all(pages))], [200]);
    assert.deepEqual(await alertsOf(site, 0), []);
    const ada = new Visitor(site.url);
    await ada.post('/login', { email: 'ada@example.com', password: PASSWORD });
    assert.deepEqual(await alertsOf(site, 1), ['operator-browser']);
    for (const thief of ['10.9.1.1', '10.9.2.1', '10.9.3.1'])
      assert.equal((await ann.get('/secret', { 'x-forwarded-for': thief })).status, 200);
    assert.deepEqual(await alertsOf(site, 2), ['operator-browser', 'session-elsewhere']);
    const bob = await site.accounts.create({ email: 'bob@example.com', passwordHash: await HASH });
    assert.equal((await ada.post(`/roles/${bob?.id}`, {})).text, 'true');
    assert.equal((await ann.get('/broken')).status, 500);
    const told = ['operator-browser', 'session-elsewhere', 'role-granted', 'critical'];
    assert.deepEqual(await alertsOf(site, 4), told);
    const granted = site.events.find(({ details }) => details?.['rule'] === 'role-granted');
    assert.equal(granted?.details?.['about'], bob?.id);
    const forge = async (): Promise<unknown> =>
      ann.post('/login', { email: 'a' }, { 'sec-fetch-site': 'cross-site' });
    for (let count = 0; count < 200; count += 1) await forge();
    // Of a flood the log has a hundred lines a second: the next one tells of those that were held back.
    await until('a surge', async () => {
      await forge();
      return (await alertsOf(site, 0)).includes('refusals-surge');
    });
  } finally {
    await site.stop();
  }
});

test('an injected script that a browser reports, and a store that is gone', async () => {
  const state = memory();
  let isGone = false;
  const sessions = new Proxy(state.sessions, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...given: readonly unknown[]): unknown => {
        if (isGone) throw new Error('gone');
        return Reflect.apply(value, target, given);
      };
    },
  });
  const site = await startAccountSite(onExpress, {
    alerts: { log: true },
    reports: { path: '/csp-reports' },
    state: { ...state, sessions },
  });
  try {
    const visitor = new Visitor(site.url);
    const page = await visitor.get('/login');
    const [, place = ''] =
      /report-uri (\/csp-reports\?v=[\w-]+)/.exec(page.headers.get('content-security-policy') ?? '') ?? [];
    const answer = await fetch(site.url + place, {
      method: 'POST',
      headers: { 'content-type': 'application/csp-report', ...SAME_SITE },
      body: JSON.stringify({
        'csp-report': {
          'document-uri': `${site.url}/secret`,
          'effective-directive': 'script-src-elem',
          'blocked-uri': 'https://evil.example/a.js',
          disposition: 'enforce',
        },
      }),
    });
    assert.equal(answer.status, 204);
    assert.deepEqual(await alertsOf(site, 1), ['csp-new']);
    await site.accounts.create({ email: 'ann@example.com', passwordHash: await HASH });
    await visitor.post('/login', { email: 'ann@example.com', password: PASSWORD });
    isGone = true;
    assert.equal((await visitor.post('/safe', { a: '1' })).status, 503);
    assert.deepEqual(await alertsOf(site, 2), ['csp-new', 'store-down']);
  } finally {
    isGone = false;
    await site.stop();
  }
});

/** Writes wrong sign-ins for one account, each from a network of its own, and says how often it raised the alert. */
const WORKER = `
  import { createClient } from 'redis';
  import { readPolicy } from ${JSON.stringify(import.meta.resolve('../../src/policy/read-policy.ts'))};
  import { makeLog } from ${JSON.stringify(import.meta.resolve('../../src/layer/services.ts'))};
  import { redis } from ${JSON.stringify(import.meta.resolve('../../src/stores/redis/state.ts'))};
  import { sqlite } from ${JSON.stringify(import.meta.resolve('../../src/stores/sqlite/state.ts'))};
  import { sketchExchange } from ${JSON.stringify(import.meta.resolve('../support/exchange.ts'))};
  import { kindOf } from ${JSON.stringify(import.meta.resolve('../support/events.ts'))};
  import { fixedSecrets, TEST_SECRET } from ${JSON.stringify(import.meta.resolve('../support/secrets.ts'))};
  const [place, own] = process.argv.slice(-2);
  const client = place.startsWith('redis:') ? await createClient({ url: place }).connect() : undefined;
  const state = client === undefined ? sqlite(place) : await redis(client);
  let raised = 0;
  const policy = await readPolicy({ environment: 'production', origin: 'https://example.com', state,
    secrets: fixedSecrets(TEST_SECRET), alerts: { log: true },
    audit: { sink: (_line, { event }) => { if (event === 'alert_raised') raised += 1; } } });
  const { audit, alerts } = makeLog(policy);
  process.stdout.write('ready');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  for (let at = 0; at < 3; at += 1)
    audit.write(kindOf('authn_login_fail'), { account: 'ann' }, sketchExchange({ peer: '10.' + own + '.' + at + '.1' }));
  await alerts.settled();
  process.stdout.write(String(raised));
  process.exit(0);
`;

async function raisedBy(place: string, processes: number): Promise<number> {
  const children: ChildProcess[] = [];
  for (let own = 0; own < processes; own += 1)
    children.push(
      spawn(
        process.execPath,
        ['--conditions=bulwark-source', '--input-type=module', '--eval', WORKER, '--', place, String(own)],
        { cwd: join(import.meta.dirname, '../..'), stdio: ['pipe', 'pipe', 'inherit'] },
      ),
    );
  const said = children.map(async ({ stdout }) => (stdout === null ? '' : text(stdout)));
  await Promise.all(children.map(async ({ stdout }) => stdout !== null && once(stdout, 'readable')));
  for (const { stdin } of children) stdin?.write('go');
  const counts = (await Promise.all(said)).map((all) => Number(all.replace('ready', '')));
  return counts.reduce((sum, count) => sum + count, 0);
}

test('three processes that share SQLite come to one alert of what none has seen alone', async () => {
  // Nine networks; each process saw three, which is no alert.
  assert.equal(await raisedBy(join(FOLDER, 'data'), 3), 1);
  assert.equal(await raisedBy(join(FOLDER, 'alone'), 1), 0);
});

test('three processes that share Redis come to one alert too', async () => {
  const server = await RedisServer.start();
  try {
    assert.equal(await raisedBy(server.url, 3), 1);
  } finally {
    await server.stop();
  }
});
