import assert from 'node:assert/strict';
import { HALVES } from './accounts.ts';
import { fileTest, idsOf, keepFile, ROOM, sketchFile, sketchShare } from './files.ts';
import { HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

/** A row makes a file exist: from when on, for whom, within which room, and until when. */
export function fileRowConformance(open: OpenState): void {
  fileTest(open, 'a file is seen by nobody until it is whole, and by its id from then on', async (files) => {
    await files.begin(sketchFile('a'));
    assert.equal(await files.find('a'), undefined);
    assert.equal(await files.access('a', 'ann', NOW), undefined);
    assert.deepEqual(await files.list('ann', undefined, 9), []);
    assert.deepEqual(await files.usage('ann'), { files: 0, bytes: 0 });
    const done = { size: 7, sha256: 'x', state: 'ready' } as const;
    assert.equal(await files.complete('a', done, ROOM), 'kept');
    const whole = { ...sketchFile('a'), ...done, heldUntil: undefined };
    assert.deepEqual(await files.find('a'), whole);
    assert.deepEqual(await files.list('ann', undefined, 9), [whole]);
    assert.deepEqual(await files.usage('ann'), { files: 1, bytes: 7 });
    assert.equal(await files.complete('a', done, ROOM), 'gone');
    assert.equal(await files.renew('a', NOW), false);
  });

  fileTest(open, 'gives back every text as it was', async (files) => {
    const kept = await Promise.all(
      HOSTILE_TEXTS.map((text, at) => keepFile(files, `f${at}`, { name: text, owner: text, type: text })),
    );
    for (const one of kept) assert.deepEqual(await files.find(one.id), one);
    for (const one of kept) assert.deepEqual(await files.list(one.owner, undefined, 9), [one]);
  });

  fileTest(open, 'refuses half a surrogate pair, and finds nothing by one', async (files) => {
    for (const half of HALVES) {
      await refusesToStore(() => files.begin(sketchFile('a', { name: half })));
      assert.equal(await files.find(half), undefined);
      assert.deepEqual(await files.list(half, undefined, 9), []);
      await refusesToStore(() => files.shares.add(sketchShare('s', { account: half }), 9, NOW));
    }
  });

  fileTest(open, 'of files that come at once, no more are kept than there is room for', async (files) => {
    const ids = Array.from({ length: 12 }, (_, at) => `f${at}`);
    await Promise.all(ids.map(async (id) => files.begin(sketchFile(id))));
    const done = { size: 30, sha256: 'x', state: 'ready' } as const;
    const room = { files: 100, bytes: 100 };
    const kept = await Promise.all(ids.map(async (id) => files.complete(id, done, room)));
    assert.equal(kept.filter((outcome) => outcome === 'kept').length, 3);
    assert.equal(kept.filter((outcome) => outcome === 'full').length, 9);
    assert.deepEqual(await files.usage('ann'), { files: 3, bytes: 90 });
    await files.begin(sketchFile('g'));
    const few = { files: 4, bytes: 1000 };
    assert.equal(await files.complete('g', { ...done, size: 1 }, few), 'kept');
    await files.begin(sketchFile('h'));
    assert.equal(await files.complete('h', { ...done, size: 1 }, few), 'full');
    // The account next door has room of its own.
    await files.begin(sketchFile('bobs', { owner: 'bob' }));
    assert.equal(await files.complete('bobs', done, room), 'kept');
  });

  fileTest(open, 'room comes back once, by a file that goes or that was refused', async (files) => {
    await keepFile(files, 'a', { size: 5 });
    await keepFile(files, 'b', { size: 6, state: 'quarantine' });
    assert.equal(await files.remove('bob', 'a', NOW), false);
    assert.deepEqual(
      await Promise.all([files.remove('ann', 'a', NOW), files.remove('ann', 'a', NOW)]).then((all) =>
        all.toSorted(),
      ),
      [false, true],
    );
    assert.deepEqual(await files.usage('ann'), { files: 1, bytes: 6 });
    assert.equal(await files.settle('b', 'ready', 'refused', 'x'), false);
    assert.equal(await files.settle('b', 'quarantine', 'refused', 'Eicar'), true);
    assert.deepEqual(await files.usage('ann'), { files: 0, bytes: 0 });
    assert.deepEqual((await files.find('b'))?.note, 'Eicar');
    assert.equal(await files.remove('ann', 'b', NOW), true);
    assert.deepEqual(await files.usage('ann'), { files: 0, bytes: 0 });
    assert.equal(await files.find('a'), undefined);
  });

  fileTest(open, 'pages go from the newest to the oldest, and miss none of one moment', async (files) => {
    for (let at = 0; at < 5; at += 1) await keepFile(files, `f${at}`, { createdAt: NOW + (at >> 1) });
    await keepFile(files, 'bobs', { owner: 'bob' });
    await files.begin(sketchFile('g'));
    const first = await files.list('ann', undefined, 2);
    assert.equal(idsOf(first), 'f4 f3');
    const second = await files.list('ann', first[1], 2);
    assert.equal(idsOf(second), 'f2 f1');
    assert.equal(idsOf(await files.list('ann', second[1], 2)), 'f0');
  });

  fileTest(open, 'finds what nobody sees to any more, and forgets that alone', async (files) => {
    await files.begin(sketchFile('dead', { heldUntil: NOW + 5 }));
    await files.begin(sketchFile('alive', { heldUntil: NOW + 5 }));
    assert.equal(await files.renew('alive', NOW + 50), true);
    await keepFile(files, 'kept');
    await keepFile(files, 'ends', { expiresAt: NOW + 5 });
    await keepFile(files, 'going');
    await files.remove('ann', 'going', NOW + 5);
    assert.deepEqual(await files.abandoned(NOW + 4, 9), []);
    const found = await files.abandoned(NOW + 5, 9);
    assert.equal(
      found
        .map(({ id }) => id)
        .toSorted()
        .join(' '),
      'dead ends going',
    );
    assert.equal((await files.abandoned(NOW + 5, 2)).length, 2);
    assert.equal(await files.forget('kept'), false);
    assert.equal(await files.forget('dead'), false);
    assert.equal(await files.giveUp('alive', NOW + 49, NOW), false);
    assert.equal(await files.giveUp('kept', NOW + 99, NOW), false);
    assert.equal(await files.giveUp('dead', NOW + 5, NOW + 9), true);
    assert.equal(await files.giveUp('dead', NOW + 99, NOW), false);
    assert.equal(await files.renew('dead', NOW + 99), false);
    assert.equal(await files.complete('dead', { size: 1, sha256: '', state: 'ready' }, ROOM), 'gone');
    assert.equal(await files.forget('dead'), true);
    assert.equal(await files.forget('dead'), false);
    assert.equal(await files.forget('going'), true);
    assert.equal(await files.complete('dead', { size: 1, sha256: '', state: 'ready' }, ROOM), 'gone');
    assert.equal(idsOf(await files.after(undefined, 9)), 'alive ends kept');
  });

  fileTest(open, 'a file is completed or given up, and never both', async (files) => {
    const done = { size: 1, sha256: '', state: 'ready' } as const;
    for (let round = 0; round < 8; round += 1) {
      const id = `f${round}`;
      await files.begin(sketchFile(id));
      const [completed, given] = await Promise.all([
        files.complete(id, done, ROOM),
        files.giveUp(id, NOW + 99_000, NOW),
      ]);
      assert.equal(completed === 'kept', !given);
      assert.equal((await files.find(id)) !== undefined, !given);
    }
  });

  fileTest(open, 'what waits is found page by page, and is settled by one', async (files) => {
    for (const id of ['a', 'b', 'c']) await keepFile(files, id, { state: 'quarantine' });
    await keepFile(files, 'd');
    assert.equal(idsOf(await files.waiting(undefined, 2)), 'a b');
    assert.equal(idsOf(await files.waiting('b', 2)), 'c');
    const both = await Promise.all([
      files.settle('a', 'quarantine', 'ready', ''),
      files.settle('a', 'quarantine', 'refused', 'x'),
    ]);
    assert.equal(both.filter(Boolean).length, 1);
    assert.equal(idsOf(await files.waiting(undefined, 9)), 'b c');
  });

  fileTest(open, 'what is settled with an end ends then, and otherwise when it would have', async (files) => {
    for (const id of ['a', 'b']) await keepFile(files, id, { state: 'quarantine', expiresAt: NOW + 50 });
    await keepFile(files, 'c', { state: 'quarantine' });
    assert.equal(await files.settle('a', 'ready', 'refused', 'x', NOW + 9), false);
    assert.equal((await files.find('a'))?.expiresAt, NOW + 50);
    for (const id of ['a', 'c'])
      assert.equal(await files.settle(id, 'quarantine', 'refused', 'x', NOW + 9), true);
    assert.equal(await files.settle('b', 'quarantine', 'ready', ''), true);
    assert.equal((await files.find('a'))?.expiresAt, NOW + 9);
    assert.equal((await files.find('b'))?.expiresAt, NOW + 50);
    assert.deepEqual(await files.abandoned(NOW + 8, 9), []);
    const ended = (await files.abandoned(NOW + 9, 9)).map(({ id }) => id);
    assert.deepEqual(ended.toSorted(), ['a', 'c']);
  });

  fileTest(open, 'a sealed key is replaced where it is the one that was read', async (files) => {
    await keepFile(files, 'a', { sealedKey: 'old' });
    await keepFile(files, 'b');
    assert.equal(await files.rekey('a', 'other', 'new'), false);
    assert.equal(await files.rekey('a', 'old', 'new'), true);
    assert.equal((await files.find('a'))?.sealedKey, 'new');
    assert.equal(idsOf(await files.after(undefined, 1)), 'a');
    assert.equal(idsOf(await files.after('a', 9)), 'b');
  });
}
