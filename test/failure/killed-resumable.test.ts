/** A process that takes a file in parts is killed (SIGKILL) in each phase: what it acknowledged is there, and the file goes on from there. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { offsetIn } from '../../src/files/resumable/partial-files.ts';
import { LEASE_MS } from '../../src/files/resumable/hold.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { readAll } from '../../src/testing/conformance/file-bytes.ts';
import { bytesIn, killInPhase } from './kill-in-phase.ts';
import { FIRST, partialRoom, RULE, TEXT } from './killed-resumable.ts';

/** Kills it in the phase. Returns the id of the file. */
async function killAt(phase: string, folder: string): Promise<string> {
  const said = await killInPhase('killed-resumable-child.ts', phase, folder);
  const [id, acknowledged] = said as [string, number];
  assert.equal(acknowledged, FIRST);
  return id;
}

/** Where the file goes on afterwards. */
const PHASES: Readonly<Record<string, number>> = {
  'in the part': FIRST,
  'behind the part': FIRST,
  'in the whole': TEXT.length,
  'behind the whole': TEXT.length,
  'behind a part that was removed': TEXT.length,
  'before the row': TEXT.length,
};

for (const [phase, from] of Object.entries(PHASES)) {
  test(`killed ${phase}: the place that is told is what is on the disk, and the file goes on from there`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulwark-killed-'));
    try {
      const id = await killAt(phase, folder);
      const state = sqlite(folder);
      let now = Date.now();
      const room = partialRoom(state, folder, () => now);
      assert.deepEqual(await room.vault.rows.list('ann', undefined, 9), []);
      assert.deepEqual(await room.vault.rows.usage('ann'), { files: 1, bytes: TEXT.length });
      const before = await room.partials.find(id, 'ann');
      assert.ok(before !== undefined);
      assert.equal(offsetIn(before), from);
      // The dead one still has it, for a moment.
      assert.equal(await room.partials.finish(before, RULE), 'held');
      now += LEASE_MS;
      const signal = new AbortController().signal;
      const rest = async function* (): AsyncGenerator<Uint8Array> {
        yield TEXT.subarray(from);
      };
      const at = await room.partials.append(before, {
        from,
        length: TEXT.length - from,
        pieces: from === TEXT.length ? none() : rest(),
        signal,
      });
      assert.equal(at, TEXT.length);
      const whole = await room.partials.find(id, 'ann');
      const file = whole && (await room.partials.finish(whole, RULE));
      assert.ok(typeof file === 'object');
      assert.ok((await readAll(room.vault.read(file, 0, file.size))).equals(TEXT));
      assert.deepEqual(bytesIn(folder), [join(id.slice(0, 2), id)]);
      assert.deepEqual(await room.vault.rows.usage('ann'), { files: 1, bytes: TEXT.length });
      await room.close();
      await state.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

for (const phase of ['in the part', 'behind the whole', 'behind a part that was removed']) {
  test(`killed ${phase}, and nobody comes back: at its end nothing is left, and the room is there again`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulwark-killed-'));
    try {
      const id = await killAt(phase, folder);
      const state = sqlite(folder);
      let now = Date.now();
      const room = partialRoom(state, folder, () => now);
      assert.ok(bytesIn(folder).length > 0);
      await room.sweep();
      assert.ok((await room.partials.find(id, 'ann')) !== undefined);
      now += room.settings.resumeTime;
      assert.equal(await room.partials.find(id, 'ann'), undefined);
      await room.sweep();
      assert.deepEqual(bytesIn(folder), []);
      assert.deepEqual(await room.vault.rows.usage('ann'), { files: 0, bytes: 0 });
      assert.deepEqual(await room.vault.rows.after(undefined, 9), []);
      await room.close();
      await state.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

async function* none(): AsyncGenerator<Uint8Array> {
  // Nothing is missing.
}
