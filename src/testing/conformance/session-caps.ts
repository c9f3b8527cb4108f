import assert from 'node:assert/strict';
import { NOW, type OpenState, IDLE_MS, sketchSession, stateTest } from './support.ts';

const ENDS_OLDEST = { most: 3, endsOldest: true };
const REFUSES = { most: 3, endsOldest: false };
const NAMES = Array.from({ length: 12 }, (_, at) => `new-${String(at).padStart(2, '0')}`);

/** An account has so many sessions and no more, however many begin at once. */
export function sessionCapConformance(open: OpenState): void {
  stateTest(open, 'of many that begin at once exactly so many have room', async ({ sessions }) => {
    // A pool has its connections by then, so that what comes next does come at once.
    await Promise.all(NAMES.map(async (name) => sessions.find(name, NOW)));
    const came = await Promise.all(
      NAMES.map(async (name) => sessions.createWithin(sketchSession(name), REFUSES, NOW)),
    );
    assert.equal(came.filter((one) => one !== 'full').length, REFUSES.most);
    const live = (await sessions.list('ann', NOW)).map(({ idHash }) => idHash);
    assert.deepEqual(live.toSorted(), NAMES.filter((_, at) => came[at] !== 'full').toSorted());
    assert.equal(await sessions.count(), REFUSES.most);
  });

  stateTest(
    open,
    'of many that begin at once so many are left, and each other is told once',
    async (state) => {
      const { sessions } = state;
      const came = await Promise.all(
        NAMES.map(async (name, at) =>
          sessions.createWithin(sketchSession(name, { createdAt: NOW + at }), ENDS_OLDEST, NOW + at),
        ),
      );
      const ended = came.flatMap((one) => (typeof one === 'string' ? assert.fail(one) : one));
      const live = (await sessions.list('ann', NOW)).map(({ idHash }) => idHash);
      assert.equal(live.length, ENDS_OLDEST.most);
      assert.deepEqual([...ended, ...live].toSorted(), NAMES);
    },
  );

  stateTest(open, 'ends those that began first, however lately they were used', async ({ sessions }) => {
    for (const [at, name] of ['c', 'b', 'a'].entries())
      await sessions.create(sketchSession(name, { createdAt: NOW + at }));
    await sessions.create(sketchSession('bobs', { account: 'bob' }));
    await sessions.use('c', NOW + 5, 0);
    const began = await sessions.createWithin(
      sketchSession('d', { createdAt: NOW + 9 }),
      ENDS_OLDEST,
      NOW + 9,
    );
    assert.deepEqual(began, ['c']);
    assert.equal(await sessions.find('c', NOW + 9), undefined);
    assert.ok(await sessions.find('bobs', NOW + 9));
    // A cap that was lowered holds from the next sign-in on.
    const lower = { most: 1, endsOldest: true };
    const last = await sessions.createWithin(sketchSession('e', { createdAt: NOW + 10 }), lower, NOW + 10);
    assert.deepEqual(last, ['b', 'a', 'd']);
    assert.equal((await sessions.list('ann', NOW + 10)).length, 1);
  });

  stateTest(open, 'sessions that are over take no room', async ({ sessions }) => {
    for (const name of ['a', 'b', 'c']) await sessions.create(sketchSession(name));
    assert.equal(await sessions.createWithin(sketchSession('d'), REFUSES, NOW + IDLE_MS - 1), 'full');
    assert.equal(await sessions.find('d', NOW), undefined);
    const later = NOW + IDLE_MS;
    const fresh = sketchSession('d', { createdAt: later, seenAt: later });
    assert.deepEqual(await sessions.createWithin(fresh, REFUSES, later), []);
    assert.equal((await sessions.list('ann', later)).length, 1);
  });

  stateTest(
    open,
    'the one that is replaced takes no room, and is known as replaced',
    async ({ sessions }) => {
      for (const name of ['a', 'b', 'c']) await sessions.create(sketchSession(name));
      await sessions.create(sketchSession('visitor', { account: undefined }));
      assert.equal(
        await sessions.createWithin(sketchSession('x'), { ...REFUSES, replaces: 'visitor' }, NOW),
        'full',
      );
      assert.ok(await sessions.find('visitor', NOW));
      assert.deepEqual(
        await sessions.createWithin(sketchSession('d'), { ...REFUSES, replaces: 'a' }, NOW),
        [],
      );
      assert.equal(await sessions.use('a', NOW, 0), 'replaced');
      assert.ok(await sessions.find('d', NOW));
      assert.equal(
        await sessions.createWithin(sketchSession('e'), { ...ENDS_OLDEST, replaces: 'a' }, NOW),
        'over',
      );
      assert.equal(await sessions.find('e', NOW), undefined);
      assert.equal((await sessions.list('ann', NOW)).length, 3);
    },
  );
}
