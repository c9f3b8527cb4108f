import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { until } from '../../test/support/until.ts';
import type { FileScan } from '../controls/uploads/scan/scan.ts';
import { KeyRing } from '../core/key-ring.ts';
import { defaultsOf } from '../core/options.ts';
import { memory } from '../stores/memory/state.ts';
import type { FileRecord } from '../stores/ports/files.ts';
import { readAll } from '../testing/conformance/file-bytes.ts';
import { FileRoom, rowsOf } from './file-room.ts';
import { filesOptions } from './files.options.ts';

interface Ground {
  readonly room: FileRoom;
  readonly events: string[];
  now: number;
  /** Has a file wait that is called as what is in it. */
  readonly keep: (text: string) => Promise<FileRecord>;
}

function open(scan: FileScan, scanTime = 60_000): Ground {
  const events: string[] = [];
  const state = memory();
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-quarantine-'));
  const ground: Ground = {
    now: Date.parse('2026-01-01T00:00:00Z'),
    events,
    room: new FileRoom({
      rows: rowsOf(state.files),
      counters: state.counters,
      keys: new KeyRing([Buffer.alloc(32, 'a')]),
      settings: { ...defaultsOf(filesOptions), bytes: folder, scan, scanTime },
      audit: (kind) => void events.push(kind.name),
      clock: () => ground.now,
    }),
    keep: async (text) => {
      const { room } = ground;
      const { vault } = room;
      const whose = { owner: 'ann', name: text, type: 'text/plain', expiresAt: undefined };
      const arrival = await vault.begin(whose);
      await arrival.write(Buffer.from(text));
      await arrival.finish();
      assert.equal(await vault.complete(arrival, 'quarantine', room.quota), 'kept');
      arrival.let();
      const record = await vault.rows.find(arrival.record.id);
      assert.ok(record !== undefined);
      return record;
    },
  };
  return ground;
}

test('a scanner that throws at once costs its file the look, and not the process', async () => {
  const lost: unknown[] = [];
  const note = (error: unknown): void => void lost.push(error);
  process.on('unhandledRejection', note);
  const throws: FileScan = () => {
    throw new Error('no scanner');
  };
  const { room, keep, events } = open(throws, 20);
  assert.equal((await room.quarantine?.look(await keep('x')))?.state, 'quarantine');
  assert.ok(events.includes('sys_service_unavailable'));
  // Longer than it may take: its end comes all the same.
  await setTimeout(60);
  process.off('unhandledRejection', note);
  assert.deepEqual(lost, []);
  await room.close();
});

test('a look that took too long is told so, reads no further, and is the only one at its file', async () => {
  let running = 0;
  let begun = 0;
  let isTold = false;
  const slow: FileScan = async (file) => {
    running += 1;
    begun += 1;
    try {
      for (;;) {
        await readAll(file.read(0, file.size));
        await setTimeout(5);
      }
    } finally {
      isTold = file.signal?.aborted === true;
      running -= 1;
    }
  };
  let release: () => void = () => undefined;
  const hangs: FileScan = async () => {
    begun += 1;
    await new Promise<void>((resolve) => (release = resolve));
    return { verdict: 'clean' };
  };
  let scan = slow;
  const { room, keep } = open((file) => scan(file), 50);
  const waiting = await keep('x');
  await room.quarantine?.look(waiting);
  await until('it reads no more', () => running === 0);
  assert.ok(isTold);
  scan = hangs;
  await room.quarantine?.again();
  await room.quarantine?.again();
  await room.quarantine?.look(waiting);
  assert.equal(begun, 2);
  release();
  await setTimeout(0);
  scan = () => Promise.resolve({ verdict: 'clean' });
  assert.equal(await room.quarantine?.again(), 1);
  await room.close();
});

test('a refused file stays long enough for its owner to see why, and then its row goes', async () => {
  const ground = open((file) =>
    Promise.resolve(
      file.size === 3
        ? { verdict: 'refused', reason: 'virus', detail: 'It has a virus.' }
        : { verdict: 'clean' },
    ),
  );
  const { room, keep } = ground;
  for (const text of ['bad', 'good']) await room.quarantine?.look(await keep(text));
  const month = 30 * 24 * 60 * 60_000;
  ground.now += month - 1;
  await room.sweep();
  assert.equal((await room.vault.rows.after(undefined, 9)).length, 2);
  ground.now += 1;
  await room.sweep();
  const left = await room.vault.rows.after(undefined, 9);
  assert.deepEqual(
    left.map(({ name }) => name),
    ['good'],
  );
  assert.deepEqual(await room.vault.rows.usage('ann'), { files: 1, bytes: 4 });
  await room.close();
});
