import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { Redis as Ioredis, Cluster as IoredisCluster } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { RedisCluster, RedisServer } from '../../../test/support/redis.ts';
import { BulwarkError } from '../../core/errors.ts';
import { reportStoreConformance, storeConformance } from '../../testing/conformance.ts';
import { NOW, sketchSession } from '../../testing/conformance/support.ts';
import type { State } from '../ports/state.ts';
import { redis, type RedisClient } from './state.ts';

let server: RedisServer;
let cluster: RedisCluster;
let made = 0;

/** What is slow here is this machine, not Redis. */
const PATIENCE_MS = 15_000;

before(async () => {
  [server, cluster] = await Promise.all([RedisServer.start(), RedisCluster.start()]);
});
after(async () => {
  await Promise.all([server.stop(), cluster.stop()]);
});

/** A state under a prefix of its own, whose client ends with it. */
async function open(client: RedisClient, end: () => unknown): Promise<State> {
  made += 1;
  const options = { prefix: `test${made}:`, deadlineMs: PATIENCE_MS };
  const state = await redis(client, options).catch((error: unknown) => {
    void end();
    throw error;
  });
  return {
    ...state,
    close: async () => {
      await state.close();
      await end();
    },
  };
}

async function nodeRedis(): Promise<State> {
  const client = createClient({ url: server.url });
  await client.connect();
  return open(client, () => client.destroy());
}

async function ioredis(): Promise<State> {
  const client = new Ioredis(server.port, '127.0.0.1', { lazyConnect: true });
  await client.connect();
  return open(client, () => client.disconnect());
}

async function nodeRedisCluster(): Promise<State> {
  const client = createCluster({ rootNodes: cluster.servers.map(({ url }) => ({ url })) });
  await client.connect();
  return open(client, () => client.destroy());
}

async function ioredisCluster(): Promise<State> {
  const nodes = cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  const client = new IoredisCluster(nodes, { lazyConnect: true });
  await client.connect();
  return open(client, () => client.disconnect());
}

describe('on real servers', { concurrency: false }, () => {
  storeConformance('Redis, by redis,', nodeRedis, { forgets: true });
  storeConformance('Redis, by ioredis,', ioredis, { forgets: true });
  storeConformance('Redis Cluster, by redis,', nodeRedisCluster, { forgets: true });
  storeConformance('Redis Cluster, by ioredis,', ioredisCluster, { forgets: true });
  reportStoreConformance('Redis, by redis,', nodeRedis);
  reportStoreConformance('Redis Cluster, by ioredis,', ioredisCluster);
});

test('says that the whole network sees it', async () => {
  const state = await nodeRedis();
  assert.equal(state.reach, 'network');
  await state.close();
});

test('refuses what is no client of Redis, and a client that puts a prefix of its own before keys', async () => {
  const invalid = { code: 'ERR_BULWARK_INVALID_OPTION' };
  await assert.rejects(redis({} as RedisClient), invalid);
  const client = createClient({ url: server.url });
  for (const prefix of ['', '{files}', 'a b', 'x'.repeat(65)])
    await assert.rejects(redis(client, { prefix }), invalid);
  for (const options of [
    { deadlineMs: 0 },
    { deadlineMs: Number.NaN },
    { nearSessions: -1 },
    { nearSessions: 1.5 },
  ]) {
    await assert.rejects(redis(client, options), invalid);
  }
  const prefixed = new Ioredis(server.port, '127.0.0.1', { keyPrefix: 'files:', lazyConnect: true });
  await assert.rejects(redis(prefixed), invalid);
  prefixed.disconnect();
});

test('says so at the start where Redis does not answer, and tells no connection string', async () => {
  const client = createClient({ url: 'redis://:hunter2@127.0.0.1:1', socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect().catch(() => undefined);
  await assert.rejects(redis(client), (error) => {
    assert.ok(error instanceof BulwarkError && error.code === 'ERR_BULWARK_STORE_DOWN');
    return !error.message.includes('hunter2');
  });
});

test('a dump of Redis has no account by name, and no session id', async () => {
  const client = createClient({ url: server.url });
  await client.connect();
  const state = await redis(client, { prefix: 'dump:' });
  await state.sessions.create(sketchSession('a', { account: 'ann@example.com' }));
  await state.sessions.putOnceToken('a', 'hash-of-a-token', NOW + 1000, NOW);
  // Those of `b` are signs of life, and gone in seconds.
  const keys = (await client.keys('dump:[^b]:*')).sort();
  assert.deepEqual(
    keys.map((key) => key.slice(0, 7)),
    ['dump:a:', 'dump:s:', 'dump:t:'],
  );
  assert.ok(keys.every((key) => !key.includes('ann')));
  assert.ok((await Promise.all(keys.map((key) => client.pTTL(key)))).every((ttl) => ttl > 0));
  await state.close();
  client.destroy();
});

test('warns where Redis makes room by evicting sessions', async () => {
  const small = await RedisServer.start('--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru');
  const client = createClient({ url: small.url });
  await client.connect();
  const warned = once(process, 'warning');
  const state = await redis(client);
  const [warning] = (await warned) as [Error & { code: string }];
  assert.equal(warning.code, 'ERR_BULWARK_STORE_EVICTS');
  await state.close();
  client.destroy();
  await small.stop();
});

test('scripts that Redis forgot are sent again', async () => {
  const client = createClient({ url: server.url });
  await client.connect();
  const state = await redis(client, { prefix: 'forgot:', nearSessions: 0 });
  await state.sessions.create(sketchSession('a'));
  await client.scriptFlush();
  assert.ok(await state.sessions.find('a', NOW));
  await state.close();
  client.destroy();
});
