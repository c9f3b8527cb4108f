import assert from 'node:assert/strict';
import type { FileHandle } from 'node:fs/promises';
import { test } from 'node:test';
import { GatheredWrites } from './gathered-writes.ts';

const KB = 1024;
const MB = 1024 * KB;

interface Tried {
  readonly writes: GatheredWrites;
  readonly sizes: number[];
  readonly bytes: () => Buffer;
  syncs: number;
}

/** A file that notes what it is told, and whose sync answers as said. */
function open(isKept = true, sync: () => Promise<void> = () => Promise.resolve()): Tried {
  const pieces: Buffer[] = [];
  const handle = {
    // As a disk does: what is written is what stands in the buffer when it gets there.
    write: async (bytes: Buffer, at: number) => {
      await new Promise((resolve) => setImmediate(resolve));
      pieces.push(Buffer.from(bytes.subarray(at)));
      tried.sizes.push(bytes.length - at);
      return { bytesWritten: bytes.length - at };
    },
    datasync: async () => {
      tried.syncs += 1;
      await sync();
    },
  } as unknown as FileHandle;
  const tried: Tried = {
    writes: new GatheredWrites(handle, isKept),
    sizes: [],
    bytes: () => Buffer.concat(pieces),
    syncs: 0,
  };
  return tried;
}

async function fill({ writes }: Tried, size: number, piece = 100_000): Promise<void> {
  const bytes = Buffer.alloc(piece);
  for (let at = 0; at < size; at += piece) {
    bytes.fill((at / piece) % 251);
    await writes.write(bytes.subarray(0, Math.min(piece, size - at)));
  }
}

test('writes what it was given in few large pieces, whatever it came in', async () => {
  for (const piece of [10_000, 65_536, MB]) {
    const tried = open();
    await fill(tried, 2 * MB, piece);
    await tried.writes.flush();
    const bytes = tried.bytes();
    assert.equal(bytes.length, 2 * MB);
    for (let at = 0; at < bytes.length; at += piece)
      assert.ok(
        bytes.subarray(at, at + piece).every((one) => one === (at / piece) % 251),
        `${at} by ${piece}`,
      );
    assert.ok(tried.sizes.length <= 10, `${tried.sizes.length} writes`);
  }
});

test('of many files on their way a few have large buffers, and the next ones when these are whole', async () => {
  const many = Array.from({ length: 40 }, () => open());
  for (const one of many) await fill(one, MB);
  const hasLarge = ({ sizes }: Tried): boolean => sizes.some((size) => size > 64 * KB);
  assert.equal(many.filter(hasLarge).length, 16);
  for (const one of many.slice(0, 8)) await one.writes.flush();
  for (const one of many.slice(8)) await one.writes.settled();
  const next = open();
  await fill(next, MB);
  assert.ok(hasLarge(next));
  await next.writes.settled();
});

test('has the disk begin while more comes, for one file at a time, and not for what is not kept', async () => {
  const held = Promise.withResolvers<void>();
  const first = open(true, () => held.promise);
  const second = open();
  const spool = open(false);
  for (const one of [first, second, spool]) await fill(one, 40 * MB, MB);
  assert.deepEqual([first.syncs, second.syncs, spool.syncs], [1, 0, 0]);
  held.resolve();
  for (const one of [first, second, spool]) await one.writes.flush();
  const third = open();
  await fill(third, 17 * MB, MB);
  assert.equal(third.syncs, 1);
  await third.writes.flush();
});

test('what a disk lost on the way fails the file: it is said once, and the last sync would find nothing wrong', async () => {
  const lost = Object.assign(new Error('EIO'), { code: 'EIO' });
  let isLost = true;
  const tried = open(true, () => {
    if (!isLost) return Promise.resolve();
    isLost = false;
    return Promise.reject(lost);
  });
  await fill(tried, 60 * MB, MB);
  assert.ok(tried.syncs > 1);
  await assert.rejects(tried.writes.flush(), lost);
  await tried.writes.settled();
});
