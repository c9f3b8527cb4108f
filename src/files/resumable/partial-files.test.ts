import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { FileFault } from '../../controls/uploads/content/file-fault.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { defaultsOf } from '../../core/options.ts';
import { memory } from '../../stores/memory/state.ts';
import type { FileRecord } from '../../stores/ports/files.ts';
import { readAll } from '../../testing/conformance/file-bytes.ts';
import { FileRoom, rowsOf } from '../file-room.ts';
import { filesOptions } from '../files.options.ts';
import { LEASE_MS, MOST_PARTS, PART_BYTES } from './hold.ts';
import { offsetIn } from './partial-files.ts';
import { writeParts } from './parts.ts';

const RULE = { types: ['text/plain'], size: 64 * 1024 ** 2, files: 1, total: 64 * 1024 ** 2 } as const;
const SIGNAL = new AbortController().signal;

interface Ground {
  readonly room: FileRoom;
  readonly events: string[];
  now: number;
  readonly begin: (size: number) => Promise<FileRecord>;
  readonly find: (id: string) => Promise<FileRecord>;
  readonly append: (id: string, from: number, pieces: AsyncIterable<Uint8Array>) => Promise<number | string>;
  /** Names of files of bytes. */
  readonly bytes: () => readonly string[];
  readonly folder: string;
}

function open(t: TestContext): Ground {
  const state = memory();
  const events: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-partial-'));
  const room = new FileRoom({
    rows: rowsOf(state.files),
    counters: state.counters,
    keys: new KeyRing([Buffer.alloc(32, 'a')]),
    settings: { ...defaultsOf(filesOptions), bytes: folder },
    audit: (kind) => void events.push(kind.name),
    clock: () => ground.now,
  });
  t.after(async () => {
    await room.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const find = async (id: string): Promise<FileRecord> =>
    (await room.partials.find(id, 'ann')) ?? assert.fail('it is gone');
  const ground: Ground = {
    room,
    events,
    now: Date.parse('2026-01-01T00:00:00Z'),
    folder,
    find,
    begin: async (size) =>
      (await room.partials.begin({ owner: 'ann', filename: 'a.txt', type: undefined, size }, RULE)) ??
      assert.fail('there is no room'),
    append: async (id, from, pieces) =>
      room.partials.append(await find(id), { from, length: undefined, pieces, signal: SIGNAL }),
    bytes: () =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        statSync(join(folder, name)).isFile(),
      ),
  };
  return ground;
}

async function* of(...pieces: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

/** Bytes that come when they are let through. */
function held(): {
  readonly pieces: AsyncIterable<Uint8Array>;
  readonly put: (piece: Uint8Array | null) => Promise<void>;
} {
  const stream = new TransformStream<Uint8Array, Uint8Array>();
  const writer = stream.writable.getWriter();
  return {
    pieces: stream.readable,
    put: async (piece) => (piece === null ? await writer.close() : await writer.write(piece)),
  };
}

test('of a long request what came is said in the row as it comes, and no more is lost than a part', async (t) => {
  const { begin, find, append, bytes, folder } = open(t);
  const { id } = await begin(3 * PART_BYTES);
  const { pieces, put } = held();
  const appended = append(id, 0, pieces);
  const piece = Buffer.alloc(PART_BYTES / 8, 'a');
  for (let at = 0; at < 18; at += 1) await put(piece);
  assert.equal(offsetIn(await find(id)), 2 * PART_BYTES);
  const names = bytes();
  assert.equal(names.filter((name) => !name.endsWith('.part')).length, 2);
  // One file has one key, and its parts have others: the same bytes at the same place are not the same.
  const [one, two] = names
    .filter((name) => !name.endsWith('.part'))
    .map((name) => readFileSync(join(folder, name)));
  assert.ok(one !== undefined && two !== undefined && !one.subarray(0, 64).equals(two.subarray(0, 64)));
  await put(null);
  assert.equal(await appended, (18 * PART_BYTES) / 8);
});

test('who is not heard of for long has lost the file, and cannot add to it when he comes back', async (t) => {
  const ground = open(t);
  const { room, begin, find, append, bytes } = ground;
  const { id } = await begin(6);
  const { pieces, put } = held();
  const late = append(id, 0, pieces);
  await put(Buffer.from('abc'));
  while (bytes().length === 0) await setTimeout(1);
  assert.equal(await append(id, 0, of('xyz')), 'held');
  assert.equal(await room.partials.finish(await find(id), RULE), 'held');
  assert.equal(await room.partials.end(await find(id)), false);
  ground.now += LEASE_MS;
  assert.equal(await append(id, 0, of('uvw')), 3);
  await put(Buffer.from('de')).catch(() => undefined);
  await put(null).catch(() => undefined);
  // Its part is gone by now, which its own place calls a failure: told is what the row says.
  assert.equal(await late, 'offset');
  assert.equal(offsetIn(await find(id)), 3);
  assert.equal(await append(id, 3, of('xyz')), 6);
  const file = await room.partials.finish(await find(id), RULE);
  assert.ok(typeof file === 'object');
  assert.equal((await readAll(room.vault.read(file, 0, 6))).toString(), 'uvwxyz');
  assert.equal(bytes().length, 1);
});

test('one that ends by itself is swept with all its bytes, also while somebody brings it', async (t) => {
  const ground = open(t);
  const { room, begin, append, bytes, events } = ground;
  const [quiet, busy] = [await begin(6), await begin(6)];
  await append(quiet.id, 0, of('abc'));
  const { pieces, put } = held();
  const late = append(busy.id, 0, pieces);
  await put(Buffer.from('abc'));
  ground.now += room.settings.resumeTime;
  await room.sweep();
  assert.deepEqual(await room.vault.rows.usage('ann'), { files: 0, bytes: 0 });
  assert.equal(await room.partials.find(quiet.id, 'ann'), undefined);
  await put(null).catch(() => undefined);
  await late.catch(() => undefined);
  assert.deepEqual(bytes(), []);
  assert.deepEqual(await room.vault.rows.after(undefined, 9), []);
  assert.deepEqual(events, ['upload_delete', 'upload_delete']);
});

test('takes so many pieces and no more, so that a row has an end', async (t) => {
  const { room, begin, append } = open(t);
  const { id } = await begin(MOST_PARTS + 10);
  const parts = Array.from({ length: MOST_PARTS }, (_, at) => ({
    name: String(at).padStart(11, '0'),
    size: 1,
  }));
  assert.equal(
    await room.vault.rows.advance(id, '', writeParts({ until: 0, open: '', whole: '', parts })),
    true,
  );
  assert.equal(await append(id, MOST_PARTS, of('x')), 'pieces');
});

test('a part that was changed where it lies makes no file', async (t) => {
  const { room, begin, append, find, bytes, folder } = open(t);
  const { id } = await begin(6);
  await append(id, 0, of('abc'));
  await append(id, 3, of('def'));
  const [one = '', two = ''] = bytes();
  const swapped = readFileSync(join(folder, one));
  writeFileSync(join(folder, two), swapped);
  await assert.rejects(room.partials.finish(await find(id), RULE), { code: 'ERR_BULWARK_FILE_DAMAGED' });
  assert.deepEqual(await room.vault.rows.list('ann', undefined, 9), []);
});

test('the content is judged over the borders of parts', async (t) => {
  const { room, begin, append, find, bytes } = open(t);
  // A letter of two bytes, cut in the middle: text all the same. Half of one at the end is none.
  const letter = Buffer.from('\u00e9');
  const good = await begin(2);
  await append(good.id, 0, of(letter.subarray(0, 1)));
  await append(good.id, 1, of(letter.subarray(1)));
  assert.ok(typeof (await room.partials.finish(await find(good.id), RULE)) === 'object');
  const bad = await begin(2);
  await append(bad.id, 0, of('a'));
  await append(bad.id, 1, of(letter.subarray(0, 1)));
  await assert.rejects(room.partials.finish(await find(bad.id), RULE), (error) => {
    return error instanceof FileFault && error.reason === 'content';
  });
  assert.equal(bytes().length, 1);
  assert.deepEqual(await room.vault.rows.usage('ann'), { files: 1, bytes: 2 });
});
