/** A process that takes files is killed (SIGKILL) in each phase: after a restart there is no half file, and none is lost. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { KeyRing } from '../../src/core/key-ring.ts';
import { defaultsOf } from '../../src/core/options.ts';
import { FileRoom, rowsOf } from '../../src/files/file-room.ts';
import { filesOptions } from '../../src/files/files.options.ts';
import { HOLD_MS } from '../../src/files/vault.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { readAll } from '../../src/testing/conformance/file-bytes.ts';
import { bytesIn, killInPhase } from './kill-in-phase.ts';
import { QUOTA, SECRET, TEXTS } from './killed-uploads.ts';

/** How many of the two new files are there afterwards: a row that was made is a file, whether or not its sender heard of it. */
const PHASES: Readonly<Record<string, number>> = {
  'before the bytes': 0,
  'in the bytes': 0,
  'behind the rename': 0,
  'behind the row': 1,
  'before bytes are removed': -1,
  'behind bytes that were removed': -1,
};

for (const [phase, more] of Object.entries(PHASES)) {
  test(`killed ${phase}: what was acknowledged is there, nothing else is, and the quota is right`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulwark-killed-'));
    try {
      const acknowledged = (await killInPhase('killed-uploads-child.ts', phase, folder)) as readonly string[];
      const state = sqlite(folder);
      let now = Date.now();
      const room = new FileRoom({
        rows: rowsOf(state.files),
        counters: state.counters,
        keys: new KeyRing([SECRET]),
        settings: { ...defaultsOf(filesOptions), bytes: folder, quota: QUOTA },
        audit: () => undefined,
        clock: () => now,
      });
      const listed = await room.vault.rows.list('ann', undefined, 9);
      assert.equal(listed.length, acknowledged.length + more);
      // At once: a file that is listed is whole.
      for (const file of listed) {
        const text = (await readAll(room.vault.read(file, 0, file.size))).toString();
        assert.equal(text, TEXTS[file.name] ?? 'x'.repeat(500_000), file.name);
      }
      const kept = acknowledged.filter((_, at) => more >= 0 || at !== 1);
      assert.deepEqual(listed.filter(({ id }) => kept.includes(id)).length, kept.length);
      const used = { files: listed.length, bytes: listed.reduce((sum, { size }) => sum + size, 0) };
      assert.deepEqual(await room.vault.rows.usage('ann'), used);
      // Once nobody holds it any more: temporary bytes are gone, and no row leads to nothing.
      now += HOLD_MS + 1;
      await room.sweep();
      assert.deepEqual(bytesIn(folder).length, listed.length);
      assert.ok(bytesIn(folder).every((name) => !name.endsWith('.part')));
      assert.equal((await room.vault.rows.after(undefined, 9)).length, listed.length);
      assert.deepEqual(await room.vault.rows.usage('ann'), used);
      await room.close();
      await state.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
