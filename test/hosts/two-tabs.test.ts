/**
 * Two tabs of one browser, on every host and every store, by two servers on one state: a request that left under an id
 * which was replaced meanwhile takes nothing from the new one (expressjs/session#923, nocturne#391).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClient, createCluster } from 'redis';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { postgres } from '../../src/stores/postgres/state.ts';
import { redis, type RedisClient } from '../../src/stores/redis/state.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { PostgresServer } from '../support/postgres.ts';
import { ask, type RawAnswer, sessionCookieOf, valuesOf } from '../../src/testing/wire.ts';
import { RedisCluster, RedisServer } from '../support/redis.ts';
import { held } from './application.ts';
import { type Host, HOSTS, type Running } from './hosts.ts';

/** What is slow here is this machine, not the store. */
const PATIENCE_MS = 15_000;
const OWN_PAGE = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' };

/** Opens the same state each time, as each process does, and is over at the end of the tests. */
type Place = () => Promise<() => Promise<State>>;

const ends: (() => unknown)[] = [];

async function redisPlace(
  make: () => RedisClient & { connect(): Promise<unknown>; destroy(): void },
): Promise<State> {
  const client = make();
  await client.connect();
  ends.unshift(() => client.destroy());
  return redis(client, { deadlineMs: PATIENCE_MS });
}

const PLACES: Readonly<Record<string, Place>> = {
  memory: async () => {
    const state = memory();
    return () => Promise.resolve(state);
  },
  SQLite: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bulwark-tabs-'));
    ends.push(() => rmSync(directory, { recursive: true, force: true }));
    return () => Promise.resolve(sqlite(directory));
  },
  PostgreSQL: async () => {
    const server = await PostgresServer.start();
    ends.push(() => server.stop());
    const database = await server.database();
    return () => postgres(server.pool(database), { deadlineMs: PATIENCE_MS });
  },
  Redis: async () => {
    const server = await RedisServer.start();
    ends.push(() => server.stop());
    return () => redisPlace(() => createClient({ url: server.url }));
  },
  'Redis Cluster': async () => {
    const cluster = await RedisCluster.start();
    ends.push(() => cluster.stop());
    const rootNodes = cluster.servers.map(({ url }) => ({ url }));
    return () => redisPlace(() => createCluster({ rootNodes }));
  },
};

after(async () => {
  for (const end of ends) await end();
});

for (const [place, open] of Object.entries(PLACES)) {
  describe(`two tabs on ${place}`, () => {
    let openAgain: Awaited<ReturnType<Place>>;
    before(async () => {
      openAgain = await open();
    });
    for (const [name, host] of Object.entries(HOSTS)) tabTests(name, host, () => openAgain());
  });
}

function tabTests(name: string, host: Host, open: () => Promise<State>): void {
  let one: Running;
  let other: Running;
  before(async () => {
    [one, other] = [await host({ state: await open() }), await host({ state: await open() })];
  });
  after(async () => {
    await Promise.all([one.stop(), other.stop()]);
  });

  const post = (server: Running, target: string, cookie?: string): Promise<RawAnswer> =>
    ask(server.port, { method: 'POST', target, headers: cookie ? { ...OWN_PAGE, cookie } : OWN_PAGE });
  const get = (server: Running, target: string, cookie: string): Promise<RawAnswer> =>
    ask(server.port, { target, headers: { ...OWN_PAGE, cookie } });
  const signIn = async (): Promise<string> =>
    sessionCookieOf(await post(one, '/sign-in?account=anna')) ?? assert.fail('no cookie');
  const replacedBy: Readonly<Record<string, (cookie: string) => Promise<RawAnswer>>> = {
    'a renewal': (cookie) => post(one, '/step-up', cookie),
    'a sign-in': (cookie) => post(one, '/sign-in?account=anna', cookie),
  };

  for (const target of ['/held', '/held-write']) {
    test(`${target} under way over a new id leaves the new cookie alone, on ${name}`, async () => {
      for (const [how, replace] of Object.entries(replacedBy)) {
        const cookie = await signIn();
        const arrived = Promise.withResolvers<void>();
        const release = Promise.withResolvers<void>();
        held.arrived = arrived.resolve;
        held.release = release.promise;
        const answering = get(other, target, cookie);
        await arrived.promise;
        const next = sessionCookieOf(await replace(cookie)) ?? assert.fail('no new cookie');
        release.resolve();
        takesNothing(await answering, how);
        for (const server of [one, other]) {
          assert.equal((await get(server, '/members/page', next)).status, 200, how);
        }
      }
    });
  }

  test(`what arrives late under a replaced id opens nothing and takes nothing, on ${name}`, async () => {
    for (const [how, replace] of Object.entries(replacedBy)) {
      const cookie = await signIn();
      const next = sessionCookieOf(await replace(cookie)) ?? assert.fail('no new cookie');
      held.arrived = () => undefined;
      held.release = Promise.resolve();
      const late: readonly (readonly [status: number, answer: Promise<RawAnswer>])[] = [
        [200, get(other, '/', cookie)],
        [401, get(other, '/members/page', cookie)],
        [401, get(other, '/held-write', cookie)],
        [401, post(other, '/sign-out', cookie)],
        [401, post(other, '/step-up', cookie)],
      ];
      for (const [status, answering] of late) {
        const answer = await answering;
        assert.equal(answer.status, status, how);
        takesNothing(answer, how);
      }
      for (const server of [one, other]) {
        assert.equal((await get(server, '/members/page', next)).status, 200, how);
        assert.deepEqual(
          server.events.filter(({ event }) => event === 'sys_crash'),
          [],
        );
      }
    }
  });

  test(`a sign-out clears what scripts kept and no cookie of the same answer but its own, on ${name}`, async () => {
    const answer = await post(other, '/sign-out', await signIn());
    assert.deepEqual(valuesOf(answer, 'clear-site-data'), ['"storage"']);
    const cookies = valuesOf(answer, 'set-cookie');
    assert.equal(cookies.length, 1);
    assert.match(cookies[0] ?? '', /^__Host-sid=; .*Max-Age=0$/);
  });
}

function takesNothing(answer: RawAnswer, why: string): void {
  assert.deepEqual(valuesOf(answer, 'set-cookie'), [], why);
  assert.deepEqual(valuesOf(answer, 'clear-site-data'), [], why);
}
