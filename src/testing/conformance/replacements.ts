import assert from 'node:assert/strict';
import { REPLACED_FOR_MS } from '../../stores/storable.ts';
import { NOW, type OpenState, sketchSession, stateTest, type StoreTraits } from './support.ts';

/** An id that was replaced is known for a moment, and is told from one that ended. It opens nothing. */
export function replacementConformance(open: OpenState, traits: StoreTraits): void {
  stateTest(
    open,
    'each id of a session that went on is known as replaced, whatever became of the newest',
    async ({ sessions }) => {
      await sessions.create(sketchSession('a', { account: undefined }));
      assert.ok(await sessions.replace('a', sketchSession('b'), NOW));
      assert.ok(await sessions.replace('b', sketchSession('c'), NOW));
      for (const end of [() => undefined, () => sessions.revoke('c')]) {
        await end();
        for (const id of ['a', 'b']) {
          assert.equal(await sessions.use(id, NOW, 0), 'replaced', id);
          assert.equal(await sessions.find(id, NOW), undefined, id);
        }
      }
      assert.equal(await sessions.use('c', NOW, 0), undefined);
      assert.equal(await sessions.count(), 0);
    },
  );

  stateTest(open, 'an id that ended, or never was, is known as nothing', async ({ sessions }) => {
    for (const id of ['out', 'all', 'over']) await sessions.create(sketchSession(id, { account: id }));
    await sessions.create(sketchSession('lost', { account: 'lost' }));
    await sessions.revoke('out');
    await sessions.revokeAccount('all');
    await sessions.revoke('lost');
    assert.equal(await sessions.replace('lost', sketchSession('next'), NOW), false);
    for (const id of ['out', 'all', 'lost', 'next', 'never', '']) {
      assert.equal(await sessions.use(id, NOW, 0), undefined, id);
    }
    assert.equal(await sessions.use('over', NOW + 24 * 3_600_000, 0), undefined);
  });

  stateTest(open, 'of a refused successor nothing is known: the session is there', async ({ sessions }) => {
    await sessions.create(sketchSession('old'));
    await sessions.create(sketchSession('taken', { account: 'bob' }));
    await assert.rejects(async () => sessions.replace('old', sketchSession('taken'), NOW));
    assert.deepEqual(await sessions.use('old', NOW, 60_000), sketchSession('old'));
  });

  if (traits.forgets === true) return;
  stateTest(
    open,
    'forgets that an id was replaced after a minute, and a sweep deletes what is left of it',
    async ({ sessions }) => {
      await sessions.create(sketchSession('old'));
      assert.ok(await sessions.replace('old', sketchSession('new'), NOW));
      const end = NOW + REPLACED_FOR_MS;
      assert.equal(await sessions.use('old', end - 1, 0), 'replaced');
      assert.equal(await sessions.use('old', end, 0), undefined);
      assert.equal(await sessions.sweep(end - 1), 0);
      assert.equal(await sessions.sweep(end), 1);
      assert.equal(await sessions.sweep(end), 0);
      assert.ok(await sessions.find('new', end));
    },
  );
}
