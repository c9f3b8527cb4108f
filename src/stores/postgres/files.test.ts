import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { postgresStates } from '../../../test/support/postgres-states.ts';
import { fileStoreConformance, reportStoreConformance } from '../../testing/conformance.ts';
import { keepFile, ROOM, sketchFile } from '../../testing/conformance/files.ts';
import { NOW } from '../../testing/conformance/support.ts';

describe('files in PostgreSQL', () => {
  const on = postgresStates('files');

  fileStoreConformance('postgres', () => on.open());
  reportStoreConformance('postgres', () => on.open());

  test('a file that is removed and looked at in one moment leaves its room once', async () => {
    const { files } = await on.open();
    assert.ok(files !== undefined);
    for (let round = 0; round < 10; round += 1) {
      const id = `f${round}`;
      await keepFile(files, id, { state: 'quarantine' });
      await Promise.all([
        files.settle(id, 'quarantine', 'refused', 'x'),
        files.remove('ann', id, NOW),
        files.settle(id, 'quarantine', 'ready', ''),
      ]);
      await files.remove('ann', id, NOW);
      assert.deepEqual(await files.usage('ann'), { files: 0, bytes: 0 });
    }
  });

  test('processes that complete at once for one account wait for each other, and none in a circle', async () => {
    const schema = on.freshSchema();
    const states = await Promise.all([on.open({ schema }), on.open({ schema })]);
    const work = states.flatMap(({ files }, process) =>
      Array.from({ length: 20 }, async (_, at) => {
        const id = `p${process}f${at}`;
        await files?.begin(sketchFile(id, { owner: at % 2 === 0 ? 'ann' : 'bob' }));
        return files?.complete(id, { size: 1, sha256: '', state: 'ready' }, { ...ROOM, bytes: 12 });
      }),
    );
    const outcomes = await Promise.all(work);
    assert.equal(outcomes.filter((one) => one === 'kept').length, 24);
  });
});
