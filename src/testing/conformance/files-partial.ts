import assert from 'node:assert/strict';
import type { FileRecord, FileStore } from '../../stores/ports/files.ts';
import { fileTest, idsOf, keepFile, ROOM, sketchFile } from './files.ts';
import { NOW, type OpenState } from './support.ts';

const DAY = 86_400_000;

async function keepPartial(
  files: FileStore,
  id: string,
  changes: Partial<FileRecord> = {},
): Promise<FileRecord> {
  const begun = { state: 'partial', size: 10, heldUntil: undefined, expiresAt: NOW + DAY } as const;
  const record = sketchFile(id, { ...begun, ...changes });
  assert.equal(await files.reserve(record, ROOM), 'kept');
  return record;
}

/** Files that come in parts: their room, who brings them, and what becomes of those that nobody ends. */
export function partialFileConformance(open: OpenState): void {
  fileTest(open, 'a partial file takes its room and is seen by its own name alone', async (files) => {
    const partial = await keepPartial(files, 'a');
    await keepPartial(files, 'b', { createdAt: NOW + 1 });
    await keepPartial(files, 'bobs', { owner: 'bob' });
    await keepFile(files, 'whole', { size: 1 });
    assert.deepEqual(await files.partial('a'), partial);
    assert.equal(await files.partial('whole'), undefined);
    assert.equal(await files.find('a'), undefined);
    assert.equal(await files.access('a', 'ann', NOW), undefined);
    assert.equal(idsOf(await files.list('ann', undefined, 9)), 'whole');
    assert.equal(idsOf(await files.partials('ann', 9)), 'b a');
    assert.equal(idsOf(await files.partials('ann', 1)), 'b');
    assert.deepEqual(await files.usage('ann'), { files: 3, bytes: 21 });
    assert.equal(await files.remove('ann', 'a', NOW), false);
    assert.equal(await files.renew('a', NOW + 5), false);
  });

  fileTest(open, 'of partial files that begin at once, no more have room than there is', async (files) => {
    const room = { files: 100, bytes: 35 };
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async (_, at) =>
        files.reserve(sketchFile(`f${at}`, { state: 'partial', size: 10, heldUntil: undefined }), room),
      ),
    );
    assert.equal(outcomes.filter((one) => one === 'kept').length, 3);
    assert.deepEqual(await files.usage('ann'), { files: 3, bytes: 30 });
    assert.equal((await files.partials('ann', 9)).length, 3);
    const first = sketchFile('c', { state: 'partial', size: 36, owner: 'carl', heldUntil: undefined });
    assert.equal(await files.reserve(first, room), 'full');
    assert.equal(await files.reserve({ ...first, size: 1 }, { files: 0, bytes: 35 }), 'full');
    assert.deepEqual(await files.usage('carl'), { files: 0, bytes: 0 });
  });

  fileTest(open, 'of two that bring a partial file at once, one goes on', async (files) => {
    await keepPartial(files, 'a');
    const both = await Promise.all([files.advance('a', '', 'one'), files.advance('a', '', 'two')]);
    assert.equal(both.filter(Boolean).length, 1);
    const seen = (await files.partial('a'))?.note ?? '';
    assert.equal(await files.advance('a', 'other', 'three'), false);
    assert.equal(await files.advance('a', seen, 'three'), true);
    assert.equal((await files.partial('a'))?.note, 'three');
    await keepFile(files, 'whole');
    assert.equal(await files.advance('whole', '', 'three'), false);
  });

  fileTest(open, 'a partial file that is whole keeps its room, and neither note nor end', async (files) => {
    const partial = await keepPartial(files, 'a');
    await files.advance('a', '', 'parts');
    const done = { size: 10, sha256: 'x', state: 'ready' } as const;
    assert.equal(await files.complete('a', { ...done, size: 9 }, ROOM), 'gone');
    // Its room was taken when it began: there may be none left by now.
    assert.equal(await files.complete('a', done, { files: 0, bytes: 0 }), 'kept');
    assert.deepEqual(await files.find('a'), { ...partial, ...done, expiresAt: undefined });
    assert.deepEqual(await files.usage('ann'), { files: 1, bytes: 10 });
    assert.equal(await files.partial('a'), undefined);
    assert.deepEqual(await files.abandoned(NOW + DAY, 9), []);
    assert.equal(await files.remove('ann', 'a', NOW), true);
    assert.deepEqual(await files.usage('ann'), { files: 0, bytes: 0 });
  });

  fileTest(
    open,
    'a partial file that is given up leaves its room once, and its note to a sweep',
    async (files) => {
      await keepPartial(files, 'a');
      await keepPartial(files, 'b');
      await files.advance('a', '', 'parts');
      assert.deepEqual(await files.abandoned(NOW + DAY - 1, 9), []);
      assert.equal(
        idsOf((await files.abandoned(NOW + DAY, 9)).toSorted((x, y) => (x.id < y.id ? -1 : 1))),
        'a b',
      );
      const both = await Promise.all([
        files.giveUp('a', NOW, NOW + 5),
        files.giveUp('a', NOW, NOW + 5),
        files.complete('b', { size: 10, sha256: 'x', state: 'ready' }, ROOM),
      ]);
      assert.deepEqual(both.slice(0, 2).toSorted(), [false, true]);
      assert.equal(both[2], 'kept');
      assert.deepEqual(await files.usage('ann'), { files: 1, bytes: 10 });
      assert.equal(await files.advance('a', 'parts', 'more'), false);
      const [left] = await files.abandoned(NOW + 5, 9);
      assert.deepEqual([left?.id, left?.state, left?.note], ['a', 'removed', 'parts']);
      assert.equal(await files.forget('a'), true);
    },
  );
}
