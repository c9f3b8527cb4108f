import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Replaced, SessionStore } from '../../stores/ports/sessions.ts';
import {
  ABSOLUTE_MS,
  IDLE_MS,
  NOW,
  type OpenState,
  seenAt,
  sketchSession,
  stateTest,
  type StoreTraits,
  sweepAll,
} from './support.ts';

/** Sessions end when they must, and nothing brings one back. */
export function lifeConformance(open: OpenState, traits: StoreTraits): void {
  stateTest(
    open,
    'v5.0.0-7.3.1 ends a session that was not used, at the exact millisecond',
    async ({ sessions }) => {
      await sessions.create(sketchSession('a'));
      assert.ok(await sessions.find('a', NOW + IDLE_MS - 1));
      await isGone(sessions, 'a', NOW + IDLE_MS);
    },
  );

  stateTest(open, 'v5.0.0-7.3.2 ends a session however much it is used', async ({ sessions }) => {
    const end = NOW + ABSOLUTE_MS;
    await sessions.create(sketchSession('a'));
    for (let at = NOW; at < end; at += IDLE_MS - 1) assert.ok(await sessions.use('a', at, 0));
    assert.ok(await sessions.use('a', end - 1, 0));
    assert.ok(await sessions.find('a', end - 1));
    await isGone(sessions, 'a', end);
  });

  stateTest(
    open,
    'a use moves the idle end, and a late note of an earlier use does not move it back',
    async ({ sessions }) => {
      await sessions.create(sketchSession('a'));
      assert.equal(await seenAt(sessions.use('a', NOW + 60_000, 0)), NOW + 60_000);
      assert.equal(await seenAt(sessions.use('a', NOW + 1, 0)), NOW + 60_000);
      assert.equal((await sessions.find('a', NOW))?.seenAt, NOW + 60_000);
      assert.ok(await sessions.find('a', NOW + 60_000 + IDLE_MS - 1));
      assert.equal(await sessions.find('a', NOW + 60_000 + IDLE_MS), undefined);
    },
  );

  stateTest(open, 'notes a use only where the last one noted is old enough', async ({ sessions }) => {
    await sessions.create(sketchSession('a'));
    assert.deepEqual(await sessions.use('a', NOW + 59_999, 60_000), sketchSession('a'));
    assert.equal((await sessions.find('a', NOW + 59_999))?.seenAt, NOW);
    assert.deepEqual(
      await sessions.use('a', NOW + 60_000, 60_000),
      sketchSession('a', { seenAt: NOW + 60_000 }),
    );
    assert.equal((await sessions.find('a', NOW + 60_000))?.seenAt, NOW + 60_000);
  });

  stateTest(
    open,
    'a use is no change: a write over the version read before it still wins',
    async ({ sessions }) => {
      await sessions.create(sketchSession('a'));
      await sessions.use('a', NOW + 60_000, 0);
      assert.ok(await sessions.update('a', 1, { data: '{"a":1}' }, NOW + 60_000));
      assert.deepEqual(
        await sessions.find('a', NOW + 60_000),
        sketchSession('a', { seenAt: NOW + 60_000, data: '{"a":1}', version: 2 }),
      );
    },
  );

  stateTest(open, 'v5.0.0-7.4.1 nothing brings a revoked session back', async ({ sessions }) => {
    await sessions.create(sketchSession('a'));
    assert.ok(await sessions.revoke('a'));
    assert.ok(!(await sessions.revoke('a')));
    await isGone(sessions, 'a', NOW);
    assert.equal(await sessions.count(), 0);
  });

  stateTest(
    open,
    'v5.0.0-7.4.2 (in part) ends every session of an account, and of no other',
    async ({ sessions }) => {
      for (const name of ['a', 'b', 'c']) await sessions.create(sketchSession(name));
      await sessions.create(sketchSession('bob', { account: 'bob' }));
      await sessions.create(sketchSession('visitor', { account: undefined }));
      assert.equal(await sessions.revokeAccount('ann'), 3);
      for (const name of ['a', 'b', 'c']) await isGone(sessions, name, NOW);
      assert.ok(await sessions.find('bob', NOW));
      assert.ok(await sessions.find('visitor', NOW));
    },
  );

  stateTest(
    open,
    'v5.0.0-7.4.3 ends every session of an account but the one excepted',
    async ({ sessions }) => {
      for (const name of ['a', 'b', 'c']) await sessions.create(sketchSession(name));
      await sessions.create(sketchSession('bob', { account: 'bob' }));
      assert.equal(await sessions.revokeAccount('ann', 'b'), 2);
      assert.deepEqual(
        (await sessions.list('ann', NOW)).map(({ idHash }) => idHash),
        ['b'],
      );
      assert.equal(await sessions.revokeAccount('ann', 'bob'), 1);
      assert.ok(await sessions.find('bob', NOW));
    },
  );

  stateTest(
    open,
    'a replaced session is gone, and its successor is not touched by what happens to it',
    async ({ sessions }) => {
      await sessions.create(sketchSession('old', { account: undefined }));
      assert.ok(await sessions.replace('old', sketchSession('new'), NOW));
      await isGone(sessions, 'old', NOW, 'replaced');
      assert.deepEqual(await sessions.find('new', NOW), sketchSession('new'));
      assert.equal(await sessions.count(), 1);
    },
  );

  if (traits.forgets === true) {
    stateTest(open, 'forgets by itself what is over, and nothing else', async ({ sessions }) => {
      for (let index = 0; index < 100; index += 1) {
        await sessions.create(sketchSession(`over${index}`, { expiresAt: NOW + 300 + index }));
        await sessions.create(sketchSession(`idle${index}`, { idleMs: 300 + index }));
        await sessions.putOnceToken(`over${index}`, 't', NOW + 1000, NOW);
      }
      await sessions.create(sketchSession('live'));
      await sessions.create(sketchSession('used', { idleMs: 300 }));
      assert.ok(await sessions.use('used', NOW + 299, 0));
      while ((await sessions.count()) > 1) await sleep(10);
      assert.ok(await sessions.find('live', NOW));
      assert.equal(await sessions.sweep(NOW), 0);
    });
    return;
  }
  stateTest(
    open,
    'sweeps delete what is over, at most a thousand at a time, and nothing else',
    async ({ sessions }) => {
      for (let index = 0; index < 2500; index += 1) {
        await sessions.create(sketchSession(`over${index}`, { expiresAt: NOW + 1 + (index % 10) }));
      }
      await sessions.create(sketchSession('idle'));
      await sessions.create(sketchSession('live', { seenAt: NOW + 1 }));
      const at = NOW + IDLE_MS;
      assert.equal(await sweepAll(sessions, at), 2501);
      assert.equal(await sessions.sweep(at), 0);
      assert.equal(await sessions.count(), 1);
      assert.ok(await sessions.find('live', at));
    },
  );
}

/** No method finds the session or changes anything for it. */
async function isGone(sessions: SessionStore, idHash: string, now: number, how?: Replaced): Promise<void> {
  const count = await sessions.count();
  assert.equal(await sessions.find(idHash, now), undefined);
  assert.equal(await sessions.use(idHash, now, 0), how);
  for (const version of [1, 2, 3]) {
    assert.equal(await sessions.update(idHash, version, { data: '{"back":1}' }, now), false);
  }
  assert.equal(await sessions.replace(idHash, sketchSession(`after ${idHash}`), now), false);
  assert.equal(await sessions.find(`after ${idHash}`, now), undefined);
  assert.equal(await sessions.putOnceToken(idHash, 't', now + 1000, now), false);
  assert.equal(await sessions.takeToken(idHash, 't', now), false);
  assert.equal(await sessions.find(idHash, now), undefined);
  const listed = await sessions.list('ann', now);
  assert.ok(listed.every((one) => one.idHash !== idHash));
  // Fewer, where the store forgets by itself what is over.
  assert.ok((await sessions.count()) <= count);
}
