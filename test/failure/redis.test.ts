/** An application on Redis: what a request costs, and what is answered while Redis is dead, stalled and back. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test, type TestContext } from 'node:test';
import { createClient, type RedisClientType } from 'redis';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { redis, type RedisOptions } from '../../src/stores/redis/state.ts';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { nodeHost, type Running } from '../hosts/hosts.ts';
import { ask, type RawAnswer, sessionCookieOf, valueOf, valuesOf } from '../../src/testing/wire.ts';
import { RedisServer } from '../support/redis.ts';
import { TripCounter } from '../support/trips.ts';
import { OWN_PAGE, UNLIMITED } from './support.ts';
import { until } from '../support/until.ts';

let server: RedisServer;
let counter: TripCounter;

before(async () => {
  server = await RedisServer.start();
  counter = await TripCounter.before(server.port);
});
after(async () => {
  await counter.stop();
  await server.stop();
});
beforeEach(() => server.ask(['FLUSHALL']));

interface OnRedis extends Running {
  readonly client: RedisClientType;
}

/** A stall of this machine is no outage. */
const PATIENCE = { deadlineMs: 500 };

/** The test application on Redis, through the proxy that counts. It is stopped at the end of the test. */
async function start(
  t: TestContext,
  policy: PolicyOptions = {},
  options: RedisOptions = {},
): Promise<OnRedis> {
  const client: RedisClientType = createClient({
    url: `redis://127.0.0.1:${counter.port}`,
    socket: { reconnectStrategy: 50 },
  });
  client.on('error', () => undefined);
  await client.connect();
  const running = await nodeHost({
    state: await redis(client, { ...PATIENCE, ...options }),
    rateLimit: UNLIMITED,
    ...policy,
  });
  t.after(async () => {
    await running.stop();
    client.destroy();
  });
  return { ...running, client };
}

async function signIn({ port }: Running, account = 'ann'): Promise<string> {
  const target = `/sign-in?account=${account}`;
  const cookie = sessionCookieOf(await ask(port, { method: 'POST', target, headers: OWN_PAGE, body: '' }));
  assert.ok(cookie !== undefined);
  return cookie;
}

const FORM = { ...OWN_PAGE, 'content-type': 'application/x-www-form-urlencoded' };

function guess({ port }: Running, email: string, more: Record<string, string> = {}): Promise<RawAnswer> {
  const headers = { ...FORM, ...more };
  return ask(port, { method: 'POST', target: '/login', headers, body: `email=${email}&password=x` });
}

test('a visitor costs no trip and no key', async (t) => {
  const running = await start(t, {}, { nearSessions: 0 });
  counter.reset();
  for (let index = 0; index < 50; index += 1) {
    for (const target of ['/', '/json', '/nowhere']) await ask(running.port, { target });
  }
  assert.equal(counter.reset(), 0);
  // Those of `b` are our own signs of life.
  assert.deepEqual(await server.ask(['KEYS', 'bulwark:[^b]:*']), []);
});

test('a signed-in request is one trip, and none once its session is kept near', async (t) => {
  const running = await start(t, {}, { nearSessions: 0 });
  const cookie = await signIn(running);
  await ask(running.port, { target: '/me', headers: { cookie } });
  counter.reset();
  for (let index = 0; index < 20; index += 1) await ask(running.port, { target: '/me', headers: { cookie } });
  assert.equal(counter.reset(), 20);

  const near = await start(t);
  await until('the session is kept near', async () => {
    counter.reset();
    assert.equal((await ask(near.port, { target: '/me', headers: { cookie } })).status, 200);
    return counter.reset() === 0;
  });
});

test('session and limits of one request are asked in one trip', async (t) => {
  const routes = { '/me': { limit: '1000000/1s', by: ['client'] } } as const;
  // Every request of this one reports to the general limit too.
  const rateLimit = { perClient: '9/1s' } as const;
  const running = await start(t, { routes, rateLimit }, { nearSessions: 0 });
  const cookie = await signIn(running);
  const asked = { target: '/me', headers: { cookie } };
  await ask(running.port, asked);
  counter.reset();
  for (let index = 0; index < 3; index += 1) assert.equal((await ask(running.port, asked)).status, 200);
  assert.equal(counter.reset(), 3);
});

test('a sign-in form is counted by client in one trip and by account in another, its session with the first', async (t) => {
  const running = await start(t, {}, { nearSessions: 0 });
  const cookie = await signIn(running);
  await guess(running, 'a@example.com', { cookie });
  counter.reset();
  assert.equal((await guess(running, 'b@example.com', { cookie })).status, 200);
  assert.equal(counter.reset(), 2);
});

test('two applications on one Redis let exactly five sign-ins of an account through, at once too', async (t) => {
  const [one, two] = [await start(t), await start(t)];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      guess(index % 2 === 0 ? one : two, 'both@example.com', { 'x-forwarded-for': `192.0.2.${index}` }),
    ),
  );
  assert.equal(answers.filter(({ status }) => status === 200).length, 5);
  assert.equal(answers.filter(({ status }) => status === 429).length, 15);
});

test('a session that is revoked in one application is over in the other', async (t) => {
  const [one, two] = [await start(t), await start(t)];
  const cookie = await signIn(one, 'revoked');
  const me = (running: Running): Promise<RawAnswer> =>
    ask(running.port, { target: '/members/page', headers: { cookie } });
  assert.equal((await me(two)).status, 200);
  await one.layer.sessions.revokeAccount('revoked');
  await until('the other application refuses', async () => (await me(two)).status === 401);
  assert.equal((await me(one)).status, 401);
});

for (const [how, gone, back] of [
  ['killed', () => server.kill(), () => server.again()],
  ['stalled', () => server.signal('SIGSTOP'), () => server.signal('SIGCONT')],
] as const) {
  test(`v5.0.0-16.5.2 Redis ${how} under load: stated answers meanwhile, no crash, nobody signed out`, async (t) => {
    const running = await start(t);
    const { port, events, layer } = running;
    const cookie = await signIn(running, how);
    const loading = new AbortController();
    const seen = new Set<number>();
    const load = Array.from({ length: 8 }, async () => {
      while (!loading.signal.aborted)
        seen.add((await ask(port, { target: '/me', headers: { cookie } })).status);
    });
    await gone();
    await until('the outage is known', () => layer.stores.get('redis')?.up === false);

    for (const target of ['/', '/json']) {
      assert.equal((await ask(port, { target })).status, 200, 'a visitor is served');
      assert.equal((await ask(port, { target, headers: { cookie } })).status, 200, 'and so is a plain file');
    }
    for (const target of ['/me', '/members/page']) {
      const answer = await ask(port, { target, headers: { cookie } });
      assert.equal(answer.status, 503, target);
      assert.match(valueOf(answer, 'retry-after') ?? '', /^\d+$/);
      assert.deepEqual(valuesOf(answer, 'set-cookie'), [], 'the cookie stays');
      hasTheHeaders(answer);
    }
    assert.equal((await guess(running, 'ann@example.com')).status, 503, 'not 429, and not let through');
    const signingIn = await ask(port, { method: 'POST', target: '/sign-in', headers: OWN_PAGE, body: '' });
    assert.equal(signingIn.status, 503);
    assert.equal(sessionCookieOf(signingIn), undefined);

    await back();
    await until('the outage is over', () => layer.stores.get('redis')?.up === true);
    await until('the session is as it was', async () => {
      const answer = await ask(port, { target: '/me', headers: { cookie } });
      return answer.status === 200 && answer.body.includes(how);
    });
    loading.abort();
    await Promise.all(load);
    assert.deepEqual([...seen].toSorted(), [200, 503]);
    const outages = layer.stores.get('redis')?.outages ?? 0;
    const told = (name: string): number => events.filter(({ event }) => event === name).length;
    assert.equal(told('sys_store_recovered'), outages);
    assert.ok(
      told('sys_store_unavailable') < 20,
      'one line for an outage, and one for an answer that was late',
    );
    assert.ok(!events.some(({ event }) => event === 'sys_crash'), 'a store that is gone is no crash of ours');
  });
}
