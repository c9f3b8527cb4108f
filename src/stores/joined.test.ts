import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClient, type RedisClientType } from 'redis';
import type { Pool } from 'pg';
import { PostgresServer } from '../../test/support/postgres.ts';
import { RedisServer } from '../../test/support/redis.ts';
import { factorStoreConformance, storeConformance } from '../testing/conformance.ts';
import { sketchPending } from '../testing/conformance/factors.ts';
import { NOW, sketchSession } from '../testing/conformance/support.ts';
import { joinStates } from './joined.ts';
import { memory } from './memory/state.ts';
import type { State, StoreHealth } from './ports/state.ts';
import { postgres } from './postgres/state.ts';
import { redis } from './redis/state.ts';
import { sqlite } from './sqlite/state.ts';

/** No slow machine decides these tests. */
const deadlineMs = 15_000;

const folder = mkdtempSync(join(tmpdir(), 'bulwark-joined-'));
let made = 0;
after(() => rmSync(folder, { recursive: true }));

const inMemory = (): State => joinStates({ shared: memory(), records: memory() });
const inFiles = (): State => {
  made += 1;
  const at = (name: string): State => sqlite(join(folder, `${name}${made}`));
  return joinStates({ shared: at('shared'), records: at('records') });
};

storeConformance('two memories', inMemory);
factorStoreConformance('two memories', inMemory);
storeConformance('two files', inFiles);
factorStoreConformance('two files', inFiles);

describe('Redis and PostgreSQL as one state', { concurrency: false }, () => {
  let redisServer: RedisServer;
  let postgresServer: PostgresServer;
  let client: RedisClientType;
  let pool: Pool;
  before(async () => {
    [redisServer, postgresServer] = await Promise.all([RedisServer.start(), PostgresServer.start()]);
    client = createClient({ url: redisServer.url });
    await client.connect();
    pool = postgresServer.pool(await postgresServer.database());
  });
  after(async () => {
    client.destroy();
    await Promise.all([redisServer.stop(), postgresServer.stop()]);
  });

  const open = async (): Promise<State> => {
    made += 1;
    const shared = await redis(client, { prefix: `joined${made}:`, deadlineMs });
    return joinStates({ shared, records: await postgres(pool, { schema: `joined${made}`, deadlineMs }) });
  };

  storeConformance('Redis and PostgreSQL', open, { forgets: true });
  factorStoreConformance('Redis and PostgreSQL', open);

  test('sessions and counters are in the one, second factors in the other', async () => {
    const state = await open();
    await state.sessions.create(sketchSession('a'));
    await state.counters.take('k', { count: 5, windowMs: 60_000 }, NOW);
    await state.factors?.totp.putPending('ann', sketchPending('t'));
    assert.equal(state.reach, 'network');
    const rowsOf = async (table: string): Promise<unknown> =>
      (await pool.query(`SELECT 1 FROM joined${made}.${table}`)).rowCount;
    assert.deepEqual([await rowsOf('sessions'), await rowsOf('counters'), await rowsOf('totp')], [0, 0, 1]);
    assert.equal(await state.sessions.count(), 1);
    await state.close();
  });

  test('closing it closes both, and neither the client nor the pool', async () => {
    const state = await open();
    await state.close();
    const down = { code: 'ERR_BULWARK_STORE_DOWN' };
    await assert.rejects(async () => state.sessions.find('a', NOW), down);
    await assert.rejects(async () => state.factors?.totp.find('ann'), down);
    assert.equal(await client.ping(), 'PONG');
    assert.equal((await pool.query('SELECT 1')).rowCount, 1);
  });
});

test('uses nothing of a place but what it is the place for', () => {
  const [shared, records] = [memory(), memory()];
  const state = joinStates({ shared, records });
  assert.equal(state.sessions, shared.sessions);
  assert.equal(state.counters, shared.counters);
  assert.equal(state.factors, records.factors);
  const { factors: _factors, ...bare } = records;
  assert.ok(!('factors' in joinStates({ shared, records: bare })));
});

test('reaches as far as the shared place', () => {
  const shared = sqlite(join(folder, 'reach'));
  assert.equal(joinStates({ shared, records: memory() }).reach, 'machine');
  assert.equal(joinStates({ shared: memory(), records: shared }).reach, 'process');
  void shared.close();
});

test('one store in both places is that store, and is closed once', async () => {
  let closed = 0;
  const store: State = { ...memory(), close: () => void (closed += 1) };
  const state = joinStates({ shared: store, records: store });
  assert.equal(state, store);
  await state.close();
  assert.equal(closed, 1);
});

test('closes each place even where the other cannot be closed, and tells what failed', async () => {
  const closed: string[] = [];
  const place = (name: string, fails: boolean): State => ({
    ...memory(),
    close: () => {
      closed.push(name);
      if (fails) throw new Error(`${name} is stuck`);
    },
  });
  const close = async (sharedFails: boolean, recordsFail: boolean): Promise<void> =>
    joinStates({ shared: place('shared', sharedFails), records: place('records', recordsFail) }).close();
  await assert.rejects(close(true, false), { message: 'shared is stuck' });
  await assert.rejects(close(false, true), { message: 'records is stuck' });
  await assert.rejects(close(true, true), (error) => {
    assert.ok(error instanceof AggregateError);
    assert.deepEqual(error.errors.map(String), ['Error: shared is stuck', 'Error: records is stuck']);
    return true;
  });
  await close(false, false);
  assert.equal(closed.length, 8);
});

describe('health of two places', () => {
  const place = (): [State, (health: StoreHealth) => void] => {
    const listeners: ((health: StoreHealth) => void)[] = [];
    const state: State = { ...memory(), onHealth: (listener) => void listeners.push(listener) };
    return [state, (health) => listeners.forEach((listener) => listener(health))];
  };
  const listen = (shared: State, records: State): string[] => {
    const told: string[] = [];
    joinStates({ shared, records }).onHealth?.(({ store, up }) => told.push(`${store} ${String(up)}`));
    return told;
  };

  test('both are heard, and one that cannot go away on its own is no hindrance', () => {
    const [one, tellOne] = place();
    const [two, tellTwo] = place();
    const told = listen(one, two);
    tellOne({ store: 'redis', up: false });
    tellTwo({ store: 'postgres', up: false });
    tellOne({ store: 'redis', up: true });
    tellTwo({ store: 'postgres', up: true });
    assert.deepEqual(told, ['redis false', 'postgres false', 'redis true', 'postgres true']);
    const alone = listen(memory(), one);
    tellOne({ store: 'postgres', up: false });
    assert.deepEqual(alone, ['postgres false']);
  });

  test('two of one name are back when both are', () => {
    const [one, tellOne] = place();
    const [two, tellTwo] = place();
    const told = listen(one, two);
    tellOne({ store: 'postgres', up: false });
    tellTwo({ store: 'postgres', up: false });
    tellOne({ store: 'postgres', up: true });
    assert.deepEqual(told, ['postgres false', 'postgres false']);
    tellTwo({ store: 'postgres', up: true });
    assert.deepEqual(told.at(-1), 'postgres true');
  });
});
