/** Redis that dies, stalls and comes back: what waits for it is told in time, and nothing that was acknowledged is lost. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Cluster as IoredisCluster, Redis as Ioredis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { HANG_MS } from '../../../test/support/hang.ts';
import { RedisCluster, RedisServer } from '../../../test/support/redis.ts';
import { BulwarkError } from '../../core/errors.ts';
import { NOW, sketchSession } from '../../testing/conformance/support.ts';
import type { State, StoreHealth } from '../ports/state.ts';
import { redis } from './state.ts';
import { until } from '../../../test/support/until.ts';

const FIVE = { count: 5, windowMs: 60_000 };
/** What a driver waits by itself: for so long that only the deadline of the store can be what ends a question. */
const DRIVER_MS = 10 * HANG_MS;
/** For what a test has to find there: a busy machine is late for the deadline of the store that is tried. */
const PATIENT = { deadlineMs: HANG_MS };

let server: RedisServer;
before(async () => {
  server = await RedisServer.start();
});
after(() => server.stop());

/** Those on the servers that are left are not to be late as well. */
const IN_A_SECOND = { deadlineMs: 1000 };

interface Opened {
  readonly state: State;
  readonly patient: State;
  readonly end: () => void;
}

const DRIVERS: Readonly<Record<string, () => Promise<Opened>>> = {
  redis: async () => {
    const client = createClient({
      url: server.url,
      socket: { reconnectStrategy: 50, connectTimeout: DRIVER_MS },
    });
    await client.connect();
    return { state: await redis(client), patient: await redis(client, PATIENT), end: () => client.destroy() };
  },
  ioredis: async () => {
    const waits = { connectTimeout: DRIVER_MS, maxRetriesPerRequest: null };
    const client = new Ioredis(server.port, '127.0.0.1', { ...waits, retryStrategy: () => 50 });
    return {
      state: await redis(client),
      patient: await redis(client, PATIENT),
      end: () => client.disconnect(),
    };
  },
};

/** Every kind of question, all at once. Resolves to what each came to, none of them later than it may. */
async function askAll({ sessions, counters }: State): Promise<string[]> {
  const started = performance.now();
  const questions: (() => unknown)[] = [
    () => sessions.find('kept', NOW),
    () => sessions.use('kept', NOW, 60_000),
    () => sessions.update('kept', 1, { data: '{"a":1}' }, NOW),
    () => sessions.list('ann', NOW),
    () => sessions.create(sketchSession(`new ${started}`)),
    () => counters.take('k', FIVE, NOW),
    () => counters.debit('k', FIVE, 1, NOW),
    () => counters.debt('k', NOW),
  ];
  const answers = await Promise.allSettled(questions.map(async (ask) => ask()));
  assert.ok(performance.now() - started < HANG_MS);
  return answers.map((answer) => {
    if (answer.status === 'fulfilled') return 'answered';
    return answer.reason instanceof BulwarkError ? answer.reason.code : String(answer.reason);
  });
}

const ALL_DOWN = Array.from({ length: 8 }, () => 'ERR_BULWARK_STORE_DOWN');

for (const [driver, open] of Object.entries(DRIVERS)) {
  describe(`by ${driver}`, () => {
    let state: State;
    let patient: State;
    let end: () => void;
    let health: StoreHealth[] = [];
    before(async () => {
      ({ state, patient, end } = await open());
      state.onHealth?.((one) => health.push(one));
    });
    after(async () => {
      await state.close();
      await patient.close();
      end();
    });
    beforeEach(async () => {
      await server.ask(['FLUSHALL']);
      await until('a session is kept', async () => {
        await patient.sessions.create(sketchSession('kept'));
        return true;
      });
      await until('it answers', async () => (await state.sessions.find('kept', NOW)) !== undefined);
      health = [];
    });

    test('killed: every question is refused, once it is back all is as it was', async () => {
      for (let index = 0; index < 5; index += 1) await patient.counters.take('counted', FIVE, NOW);
      await server.kill();
      await until('it is known to be gone', () => health.at(-1)?.up === false);
      for (let round = 0; round < 3; round += 1) assert.deepEqual(await askAll(state), ALL_DOWN);
      await server.again();
      await until('it is known to be back', () => health.at(-1)?.up === true);
      await until(
        'the session is there',
        async () => (await state.sessions.find('kept', NOW))?.account === 'ann',
      );
      await until('the count is', async () => !(await state.counters.take('counted', FIVE, NOW)).allowed);
      // One after the other; a machine that stalls may see a second outage.
      assert.deepEqual(
        health.map(({ store, up }) => [store, up]),
        health.map((_, index) => ['redis', index % 2 === 1]),
      );
    });

    test('stalled, its connections open: questions are refused at the deadline, then at once', async () => {
      server.signal('SIGSTOP');
      try {
        assert.deepEqual(await askAll(state), ALL_DOWN);
        await until('it is known to be gone', async () => {
          await Promise.allSettled([state.sessions.find('kept', NOW)]);
          return health.some(({ up }) => !up);
        });
        assert.deepEqual(await askAll(state), ALL_DOWN);
      } finally {
        server.signal('SIGCONT');
      }
      await until('it is known to be back', () => health.at(-1)?.up === true);
      await until('it answers', async () => (await state.sessions.find('kept', NOW)) !== undefined);
    });

    test('killed again and again in the middle of work: every session that was acknowledged is there', async () => {
      const made: string[] = [];
      for (let round = 0; round < 3; round += 1) {
        const kill = server.kill();
        for (let index = 0; index < 50; index += 1) {
          const name = `s${round}.${index}`;
          try {
            await state.sessions.create(sketchSession(name));
            made.push(name);
          } catch (error) {
            assert.ok(error instanceof BulwarkError);
          }
        }
        await kill;
        await server.again();
        await until('it answers', async () => (await state.sessions.find('kept', NOW)) !== undefined);
        for (let index = 0, tries = 0; index < 20; index += 1)
          await until('one more is acknowledged', async () => {
            const name = `t${round}.${(tries += 1)}`;
            await state.sessions.create(sketchSession(name));
            return made.push(name);
          });
      }
      assert.ok(made.length >= 60);
      await until('it answers', async () => (await patient.sessions.find('kept', NOW)) !== undefined);
      for (const name of made) assert.ok(await patient.sessions.find(name, NOW), name);
    });
  });
}

/** A cluster that has lost a server for good, and goes on with the others. */
for (const [driver, open] of Object.entries({
  redis: async (cluster: RedisCluster) => {
    const client = createCluster({ rootNodes: cluster.servers.map(({ url }) => ({ url })) });
    await client.connect();
    return {
      state: await redis(client, IN_A_SECOND),
      patient: await redis(client, PATIENT),
      end: () => client.destroy(),
    };
  },
  ioredis: async (cluster: RedisCluster) => {
    const nodes = cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port }));
    const client = new IoredisCluster(nodes);
    return {
      state: await redis(client, IN_A_SECOND),
      patient: await redis(client, PATIENT),
      end: () => client.disconnect(),
    };
  },
})) {
  test(`a server of a cluster dies: who is on another is served, by ${driver}`, async (t) => {
    const cluster = await RedisCluster.start('--cluster-require-full-coverage', 'no');
    const { state, patient, end } = await open(cluster);
    t.after(async () => {
      await state.close();
      await patient.close();
      end();
      await cluster.stop();
    });
    const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
    for (const name of names) await patient.sessions.create(sketchSession(name, { account: undefined }));
    const health: StoreHealth[] = [];
    state.onHealth?.((one) => health.push(one));
    await cluster.servers[0]?.kill();
    const served = new Map<string, number>();
    for (let round = 0; round < 4; round += 1) {
      const answers = await Promise.allSettled(names.map(async (name) => state.sessions.find(name, NOW)));
      for (const [index, answer] of answers.entries()) {
        const name = names[index] ?? '';
        if (answer.status === 'fulfilled') served.set(name, (served.get(name) ?? 0) + 1);
        else assert.equal((answer.reason as BulwarkError).code, 'ERR_BULWARK_STORE_DOWN');
      }
    }
    assert.deepEqual(health, [], 'no outage of all for that of one');
    const always = names.filter((name) => (served.get(name) ?? 0) >= 3);
    assert.ok(always.length >= 10, `${always.length} of 30 are served`);
    assert.ok(served.size < 30, 'and those on the dead one are not');
  });
}
