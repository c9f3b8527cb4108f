/** Sign-ins, renewals and "end all" that meet: each step of the one held back while the other runs through. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createClient, type RedisClientType } from 'redis';
import { RedisServer } from '../../../test/support/redis.ts';
import { NOW, seenAt, sketchSession } from '../../testing/conformance/support.ts';
import { Breaker } from '../breaker.ts';
import { connectionOf, isOutage } from './driver.ts';
import { NearCache } from './near-cache.ts';
import { RedisLine } from './redis-line.ts';
import { ADMIT, END, INDEX, type Script } from './scripts.ts';
import { RedisSessions } from './sessions.ts';

let server: RedisServer;
let client: RedisClientType;
let line: Breaker;
let other: RedisSessions;

before(async () => {
  server = await RedisServer.start();
  client = createClient({ url: server.url });
  await client.connect();
  const probe = (): Promise<unknown> => client.ping();
  line = new Breaker({ store: 'redis', deadlineMs: 15_000, probe, isOutage });
  other = new RedisSessions(commands(), new NearCache(0));
});
beforeEach(async () => {
  await client.flushAll();
});
after(async () => {
  line.close();
  client.destroy();
  await server.stop();
});

function commands(): RedisLine {
  return new RedisLine(connectionOf(client), line, 'held:');
}

/** A process whose first run of a script waits until `meanwhile` has come to an end. */
function heldBack(at: Script, meanwhile: () => Promise<unknown>): RedisSessions {
  const held = commands();
  const run = held.run.bind(held);
  let done: Promise<unknown> | undefined;
  held.run = async (script, keys, ...values) => {
    if (script === at) await (done ??= meanwhile());
    return run(script, keys, ...values);
  };
  return new RedisSessions(held, new NearCache(0));
}

async function live(...names: string[]): Promise<string[]> {
  const found = await Promise.all(names.map((name) => other.find(name, NOW)));
  return found.flatMap((record) => (record === undefined ? [] : [record.idHash]));
}

test('a sign-in that has announced its session is ended by "end all", however late it is let in', async () => {
  const sessions = heldBack(ADMIT, () => other.revokeAccount('ann'));
  await sessions.create(sketchSession('new'));
  assert.deepEqual(await live('new'), []);
});

test('a sign-in that is not announced yet begins after "end all", and is listed', async () => {
  const sessions = heldBack(INDEX, () => other.revokeAccount('ann'));
  await sessions.create(sketchSession('new'));
  assert.deepEqual(await live('new'), ['new']);
  assert.equal((await other.list('ann', NOW)).length, 1);
  assert.equal(await other.revokeAccount('ann'), 1);
});

for (const [step, at] of [
  ['announces', INDEX],
  ['ends the old one', END],
  ['lets the new one in', ADMIT],
] as const) {
  test(`a renewal over which everything is ended leaves nothing, when it ${step}`, async () => {
    await other.create(sketchSession('old'));
    const sessions = heldBack(at, () => other.revokeAccount('ann'));
    assert.equal(await sessions.replace('old', sketchSession('new'), NOW), false);
    assert.deepEqual(await live('old', 'new'), []);
    assert.deepEqual(await other.list('ann', NOW), []);
  });
}

test('an index that was lost is there again after the next use that is noted', async () => {
  await other.create(sketchSession('a'));
  await client.del((await client.keys('held:a:*'))[0] ?? '');
  assert.deepEqual(await other.list('ann', NOW), []);
  await other.use('a', NOW + 60_000, 60_000);
  while ((await other.list('ann', NOW + 60_000)).length === 0);
  assert.equal(await other.revokeAccount('ann'), 1);
  assert.deepEqual(await live('a'), []);
});

test('a Redis that is full goes on reading, notes no use, and refuses what it would have to keep', async () => {
  await other.create(sketchSession('a'));
  await client.configSet('maxmemory', '1');
  try {
    assert.equal(await seenAt(other.use('a', NOW + 60_000, 60_000)), NOW);
    await assert.rejects(other.create(sketchSession('b')), { code: 'ERR_BULWARK_STORE_DOWN' });
    assert.ok(line.up);
    assert.ok(await other.revoke('a'));
  } finally {
    await client.configSet('maxmemory', '0');
  }
});

test('asks for an account with thousands of sessions a batch at a time', async () => {
  let most = 0;
  let now = 0;
  const counting = commands();
  const run = counting.run.bind(counting);
  counting.run = async (...all) => {
    now += 1;
    most = Math.max(most, now);
    return run(...all).finally(() => {
      now -= 1;
    });
  };
  const sessions = new RedisSessions(counting, new NearCache(0));
  for (let index = 0; index < 300; index += 1) await other.create(sketchSession(`s${index}`));
  assert.equal((await sessions.list('ann', NOW)).length, 300);
  assert.equal(await sessions.revokeAccount('ann', 's7'), 299);
  assert.deepEqual(await live('s7', 's8'), ['s7']);
  assert.ok(most <= 51, `${most} at once`);
});

test('an id that no session has is only unknown, whatever characters it has', async () => {
  for (const id of ['', '}', '}x', '{', '\0', 'x'.repeat(100_000)]) {
    assert.equal(await other.find(id, NOW), undefined);
    assert.equal(await other.revoke(id), false);
    assert.equal(await other.takeToken(id, 't', NOW), false);
  }
});
