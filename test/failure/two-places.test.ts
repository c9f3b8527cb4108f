/** An application on Redis and PostgreSQL: what it still does while one of them is dead. */
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { createClient, type RedisClientType } from 'redis';
import { bulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import { SecondFactors } from '../../src/identity/mfa/mfa.ts';
import { oneTimeCode, timeStep } from '../../src/identity/mfa/totp-code.ts';
import { postgres } from '../../src/stores/postgres/state.ts';
import { redis } from '../../src/stores/redis/state.ts';
import { listen, type Running, testPolicy } from '../hosts/hosts.ts';
import { fromBase32 } from '../support/base32.ts';
import { PostgresServer } from '../support/postgres.ts';
import { ask, sessionCookieOf } from '../../src/testing/wire.ts';
import { RedisServer } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { OWN_PAGE, UNLIMITED } from './support.ts';

let redisServer: RedisServer;
let postgresServer: PostgresServer;
let url: string;

before(async () => {
  [redisServer, postgresServer] = await Promise.all([
    RedisServer.start(),
    PostgresServer.start({ durable: true }),
  ]);
  url = await postgresServer.database();
});
after(async () => {
  await Promise.all([redisServer.stop(), postgresServer.stop()]);
});

/** An application that signs in whoever asks, gives them an authenticator app, and says what they have. */
async function start(t: TestContext): Promise<Running> {
  const client: RedisClientType = createClient({ url: redisServer.url, socket: { reconnectStrategy: 50 } });
  client.on('error', () => undefined);
  await client.connect();
  // A stall of this machine is no outage; a connection that is lost is one at once.
  const shared = await redis(client, { deadlineMs: 2000 });
  const records = await postgres(postgresServer.pool(url), { deadlineMs: 5000 });
  const events: AuditEvent[] = [];
  const policy = await loadPolicy(testPolicy(events, { state: { shared, records }, rateLimit: UNLIMITED }));
  const layer = bulwark(policy);
  const factors = SecondFactors.of(policy);
  const listener = layer.handler(async (request, response) => {
    const view = bulwark.of(request);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const account = view.principal?.account ?? 'nobody';
    if (pathname === '/sign-in') await view.session.signIn({ account: 'ann' });
    if (pathname === '/enrol') return void response.end((await factors.totp.enrol(account, account)).secret);
    if (pathname === '/confirm') {
      const { ok } = await factors.totp.confirm(view, account, searchParams.get('code') ?? '');
      return void response.end(String(ok));
    }
    if (pathname === '/factor')
      return void response.end(String((await factors.overview(account)).secondFactor));
    return void response.end(pathname === '/me' ? account : 'done');
  });
  const running = await listen(layer, layer.createServer(listener), events);
  t.after(async () => {
    await running.stop();
    client.destroy();
  });
  return running;
}

interface Person {
  readonly get: (target: string) => Promise<string>;
  readonly post: (target: string) => Promise<string>;
}

/** Someone who is signed in at an application. Answers that are no 200 are told by their status. */
function person({ port }: Running, cookie: string): Person {
  const told = async (method: string, target: string): Promise<string> => {
    const body = method === 'POST' ? { body: '' } : {};
    const answer = await ask(port, { method, target, headers: { ...OWN_PAGE, cookie }, ...body });
    assert.equal(sessionCookieOf(answer), undefined);
    return answer.status === 200 ? answer.body : String(answer.status);
  };
  return { get: (target) => told('GET', target), post: (target) => told('POST', target) };
}

async function signIn({ port }: Running): Promise<string> {
  const answer = await ask(port, { method: 'POST', target: '/sign-in', headers: OWN_PAGE, body: '' });
  const cookie = sessionCookieOf(answer);
  assert.ok(cookie !== undefined);
  return cookie;
}

function outages({ events }: Running): string[] {
  return events
    .filter(({ event }) => event.startsWith('sys_store'))
    .map(({ event, details }) => `${event} ${String(details?.['store'])}`);
}

test('each of two applications sees what the other stored in either place', async (t) => {
  const [one, two] = [await start(t), await start(t)];
  const cookie = await signIn(one);
  const [here, there] = [person(one, cookie), person(two, cookie)];
  assert.equal(await there.get('/me'), 'ann');
  assert.equal(await there.get('/factor'), 'false');
  const secret = fromBase32(await here.post('/enrol'));
  assert.equal(await there.post(`/confirm?code=${oneTimeCode(secret, timeStep(Date.now()))}`), 'true');
  assert.equal(await here.get('/factor'), 'true');
  await one.layer.sessions.revokeAccount('ann');
  await until('the other application knows nobody', async () => (await there.get('/me')) === 'nobody');
});

test('while PostgreSQL is dead people stay signed in, and nobody is told that they have no second factor', async (t) => {
  const running = await start(t);
  const ann = person(running, await signIn(running));
  assert.equal(await ann.get('/factor'), 'true');
  await postgresServer.kill();
  assert.equal(await ann.get('/factor'), '503');
  assert.equal(await ann.get('/me'), 'ann');
  assert.equal(running.layer.stores.get('postgres')?.up, false);
  assert.equal(running.layer.stores.get('redis'), undefined);
  await postgresServer.run();
  await until('PostgreSQL is asked again', async () => (await ann.get('/factor')) === 'true');
  assert.deepEqual(outages(running).slice(0, 2), [
    'sys_store_unavailable postgres',
    'sys_store_recovered postgres',
  ]);
});

test('while Redis is dead whoever is signed in gets 503 and keeps the cookie, and visitors are served', async (t) => {
  const running = await start(t);
  const ann = person(running, await signIn(running));
  assert.equal(await ann.get('/me'), 'ann');
  await redisServer.kill();
  await until('the loss is known', () => running.layer.stores.get('redis')?.up === false);
  assert.equal(await ann.get('/factor'), '503');
  assert.equal((await ask(running.port, { target: '/' })).status, 200);
  assert.equal(running.layer.stores.get('postgres'), undefined);
  await redisServer.again();
  await until('Redis is asked again', async () => (await ann.get('/me')) === 'ann');
  assert.equal(await ann.get('/factor'), 'true');
});
