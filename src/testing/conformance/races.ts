import assert from 'node:assert/strict';
import { countTrue, NOW, type OpenState, sketchSession, stateTest } from './support.ts';

/** Of two that want the same thing, one gets it. */
export function raceConformance(open: OpenState): void {
  stateTest(
    open,
    'v5.0.0-15.4.2 lets exactly one of two writes on one version through',
    async ({ sessions }) => {
      await sessions.create(sketchSession('a'));
      const won = await countTrue([
        sessions.update('a', 1, { data: '{"by":1}' }, NOW),
        sessions.update('a', 1, { data: '{"by":2}' }, NOW),
      ]);
      assert.equal(won, 1);
      assert.equal((await sessions.find('a', NOW))?.version, 2);
      assert.ok(!(await sessions.update('a', 1, { data: '{}' }, NOW)));
      assert.ok(!(await sessions.update('a', 3, { data: '{}' }, NOW)));
      assert.ok(await sessions.update('a', 2, { data: '{"by":3}' }, NOW));
      assert.equal((await sessions.find('a', NOW))?.data, '{"by":3}');
    },
  );

  stateTest(
    open,
    'lets exactly one of two simultaneous successors replace a session',
    async ({ sessions }) => {
      await sessions.create(sketchSession('old'));
      const names = ['b', 'c', 'd', 'e'];
      const won = await countTrue(names.map((name) => sessions.replace('old', sketchSession(name), NOW)));
      assert.equal(won, 1);
      assert.equal(await sessions.count(), 1);
      assert.equal((await sessions.list('ann', NOW)).length, 1);
    },
  );

  stateTest(open, 'of a revocation and a successor exactly one wins', async ({ sessions }) => {
    await sessions.create(sketchSession('old'));
    const won = await countTrue([sessions.revoke('old'), sessions.replace('old', sketchSession('new'), NOW)]);
    assert.equal(won, 1);
    assert.equal(await sessions.find('old', NOW), undefined);
  });

  stateTest(open, 'a successor whose id is taken leaves the old session as it was', async ({ sessions }) => {
    await sessions.create(sketchSession('old'));
    await sessions.create(sketchSession('taken', { account: 'bob' }));
    await assert.rejects(async () => sessions.replace('old', sketchSession('taken'), NOW));
    assert.deepEqual(await sessions.find('old', NOW), sketchSession('old'));
    assert.equal((await sessions.find('taken', NOW))?.account, 'bob');
  });

  stateTest(
    open,
    'a flood of simultaneous writes, each on what it read, loses none',
    async ({ sessions }) => {
      await sessions.create(sketchSession('a', { data: '0' }));
      const addOne = async (): Promise<void> => {
        for (;;) {
          const read = await sessions.find('a', NOW);
          assert.ok(read);
          const change = { data: String(Number(read.data) + 1) };
          if (await sessions.update('a', read.version, change, NOW)) return;
        }
      };
      await Promise.all(Array.from({ length: 50 }, addOne));
      assert.equal((await sessions.find('a', NOW))?.data, '50');
    },
  );
}
