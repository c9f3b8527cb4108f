import assert from 'node:assert/strict';
import { fileTest, idsOf, keepFile, sketchShare } from './files.ts';
import { countTrue, NOW, type OpenState } from './support.ts';

/** Shares let others have a file, until their end and not at it, and not once they are taken back. */
export function fileShareConformance(open: OpenState): void {
  fileTest(open, "a file is its owner's and theirs that it is shared with, until the end", async (files) => {
    const file = await keepFile(files, 'a');
    assert.deepEqual(await files.access('a', 'ann', NOW), file);
    assert.equal(await files.access('a', 'bob', NOW), undefined);
    assert.equal(await files.shares.add(sketchShare('s'), 9, NOW), true);
    assert.deepEqual(await files.access('a', 'bob', NOW + 999), file);
    assert.equal(await files.access('a', 'bob', NOW + 1000), undefined);
    assert.equal(await files.access('a', 'eve', NOW), undefined);
    assert.equal(await files.access('a', '', NOW), undefined);
    assert.equal(await files.access('b', 'ann', NOW), undefined);
    assert.deepEqual(await files.shares.find('s', NOW), { file, share: sketchShare('s') });
    assert.equal(await files.shares.find('s', NOW + 1000), undefined);
    assert.deepEqual(await files.shares.list('a', NOW), [sketchShare('s')]);
    assert.deepEqual(await files.shares.list('a', NOW + 1000), []);
  });

  fileTest(open, 'a share is taken back at once, by its file alone', async (files) => {
    await keepFile(files, 'a');
    await keepFile(files, 'b');
    await files.shares.add(sketchShare('s', { expiresAt: undefined }), 9, NOW);
    assert.equal(await files.shares.remove('b', 's'), false);
    assert.ok(await files.access('a', 'bob', NOW));
    assert.equal(await files.shares.remove('a', 's'), true);
    assert.equal(await files.shares.remove('a', 's'), false);
    assert.equal(await files.access('a', 'bob', NOW), undefined);
  });

  fileTest(
    open,
    'a file that goes takes its shares along, and nothing is shared that is not there',
    async (files) => {
      await keepFile(files, 'a');
      assert.equal(await files.shares.add(sketchShare('s'), 9, NOW), true);
      await files.remove('ann', 'a', NOW);
      assert.equal(await files.access('a', 'bob', NOW), undefined);
      assert.equal(await files.shares.find('s', NOW), undefined);
      assert.deepEqual(await files.shares.listWith('bob', undefined, 9, NOW), []);
      assert.equal(await files.shares.add(sketchShare('t'), 9, NOW), false);
      assert.equal(await files.shares.add(sketchShare('u', { file: 'none' }), 9, NOW), false);
    },
  );

  fileTest(open, 'one account has one share of a file, and a file has as many as it may', async (files) => {
    await keepFile(files, 'a');
    assert.equal(await files.shares.add(sketchShare('s'), 2, NOW), true);
    assert.equal(await files.shares.add(sketchShare('t', { expiresAt: NOW + 9 }), 2, NOW), true);
    assert.equal(idsOf(await files.shares.list('a', NOW)), 't');
    const link = sketchShare('link', { account: '', once: true });
    assert.equal(await files.shares.add(link, 2, NOW), true);
    assert.equal(await files.shares.add(sketchShare('u', { account: 'eve' }), 2, NOW), false);
    assert.equal(await files.shares.add({ ...link, id: 'more' }, 2, NOW), false);
    // What has ended makes room.
    assert.equal(await files.shares.add(sketchShare('u', { account: 'eve' }), 2, NOW + 9), true);
  });

  fileTest(open, 'a new share of a file takes those along that are good no more', async (files) => {
    await keepFile(files, 'a');
    await keepFile(files, 'b');
    const link = { account: '', once: true } as const;
    await files.shares.add(sketchShare('ended', { account: '', expiresAt: NOW + 9 }), 9, NOW);
    await files.shares.add(sketchShare('used', link), 9, NOW);
    await files.shares.add(sketchShare('open', link), 9, NOW);
    await files.shares.add(sketchShare('of b', { file: 'b', expiresAt: NOW + 9 }), 9, NOW);
    assert.equal(await files.shares.use('used', NOW), true);
    assert.equal(await files.shares.add(sketchShare('new', { account: '' }), 2, NOW + 9), true);
    // Found by a clock that is behind: its row would be there still.
    assert.equal(await files.shares.find('ended', NOW), undefined);
    assert.equal(await files.shares.remove('a', 'ended'), false);
    assert.equal(await files.shares.remove('a', 'used'), false);
    assert.ok(await files.shares.find('of b', NOW));
    assert.equal(idsOf(await files.shares.list('a', NOW)), 'open new');
  });

  fileTest(open, 'of uses at once of a link that is good for one, one is true', async (files) => {
    await keepFile(files, 'a');
    await files.shares.add(sketchShare('l', { account: '', once: true }), 9, NOW);
    const uses = Array.from({ length: 6 }, () => files.shares.use('l', NOW));
    assert.equal(await countTrue(uses), 1);
    assert.equal(await files.shares.find('l', NOW), undefined);
    assert.equal(await files.shares.use('none', NOW), false);
    await files.shares.add(sketchShare('m', { account: '' }), 9, NOW);
    assert.equal(await files.shares.use('m', NOW + 3), true);
    assert.equal(await files.shares.use('m', NOW + 4), true);
    assert.equal((await files.shares.find('m', NOW))?.share.usedAt, NOW + 4);
    assert.equal(await files.shares.use('m', NOW + 1000), false);
  });

  fileTest(open, 'what an account was given is listed page by page, newest first', async (files) => {
    for (const id of ['a', 'b', 'c']) await keepFile(files, id);
    for (const [at, file] of ['a', 'b', 'c'].entries())
      await files.shares.add(sketchShare(`s${at}`, { file, createdAt: NOW + at }), 9, NOW);
    await files.shares.add(sketchShare('l', { account: '' }), 9, NOW);
    const first = await files.shares.listWith('bob', undefined, 2, NOW);
    assert.equal(idsOf(first.map(({ file }) => file)), 'c b');
    const second = await files.shares.listWith('bob', first[1]?.share, 2, NOW);
    assert.equal(idsOf(second.map(({ file }) => file)), 'a');
    assert.deepEqual(await files.shares.listWith('', undefined, 9, NOW), []);
    assert.deepEqual(await files.shares.listWith('bob', undefined, 9, NOW + 1000), []);
  });
}
