import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { BulwarkError } from '../../core/errors.ts';
import { randomId } from '../../core/random.ts';
import { readAll } from '../../testing/conformance/file-bytes.ts';
import type { FileBytes, FileWriter } from './file-bytes.ts';
import { readSealed, sealedSize, SealingWriter } from './sealed.ts';

const STORED = 65_536 + 16;

/** A place whose bytes a test can look at and change. */
class OpenPlace implements FileBytes {
  readonly stored = new Map<string, Buffer>();

  async create(id: string): Promise<FileWriter> {
    const pieces: Uint8Array[] = [];
    return {
      write: async (piece) => void pieces.push(piece),
      finish: async () => void this.stored.set(id, Buffer.concat(pieces)),
      abort: async () => undefined,
    };
  }

  async size(id: string): Promise<number | undefined> {
    return this.stored.get(id)?.length;
  }

  async *read(id: string, from: number, to: number): AsyncGenerator<Uint8Array> {
    const bytes = this.stored.get(id)?.subarray(from, to) ?? Buffer.alloc(0);
    for (let at = 0; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007);
  }

  async remove(id: string): Promise<void> {
    this.stored.delete(id);
  }
}

interface Kept {
  readonly id: string;
  readonly key: Buffer;
  readonly size: number;
}

async function keep(place: OpenPlace, bytes: Buffer, key: Buffer = randomBytes(32)): Promise<Kept> {
  const id = randomId(16);
  const writer = new SealingWriter(await place.create(id), key, id);
  for (let at = 0; at < bytes.length; at += 33_333) await writer.write(bytes.subarray(at, at + 33_333));
  await writer.finish();
  return { id, key, size: bytes.length };
}

const read = (place: OpenPlace, { id, key, size }: Kept, from = 0, to = size): Promise<Buffer> =>
  readAll(readSealed(place, { id, key, size, from, to }));

const isDamaged = (error: unknown): boolean =>
  error instanceof BulwarkError && error.code === 'ERR_BULWARK_FILE_DAMAGED';

test('whole or in part, what was sealed is opened, and nothing of it lies there in clear', async () => {
  const place = new OpenPlace();
  for (const size of [1, 65_535, 65_536, 65_537, 131_072, 300_001]) {
    const bytes = Buffer.alloc(size, 'confidential ');
    const kept = await keep(place, bytes);
    assert.equal(place.stored.get(kept.id)?.length, sealedSize(size));
    assert.equal(place.stored.get(kept.id)?.includes('confidential'), false);
    assert.ok((await read(place, kept)).equals(bytes));
    for (const [from, to] of [
      [0, 1],
      [size - 1, size],
      [Math.min(65_530, size), Math.min(65_540, size)],
      [size >> 1, size],
    ] as const)
      assert.ok(
        (await read(place, kept, from, to)).equals(bytes.subarray(from, to)),
        `${size} ${from}-${to}`,
      );
  }
});

test('a bit that is changed anywhere is found before a byte of its piece is handed out', async () => {
  const place = new OpenPlace();
  const bytes = randomBytes(200_000);
  const kept = await keep(place, bytes);
  const stored = place.stored.get(kept.id) ?? Buffer.alloc(0);
  for (const at of [0, 70_000, STORED - 1, STORED, stored.length - 1]) {
    const changed = Buffer.from(stored);
    changed[at] = (changed[at] ?? 0) ^ 1;
    place.stored.set(kept.id, changed);
    const handed: Uint8Array[] = [];
    await assert.rejects(async () => {
      for await (const piece of readSealed(place, { ...kept, from: 0, to: kept.size })) handed.push(piece);
    }, isDamaged);
    const out = Buffer.concat(handed);
    assert.ok(bytes.subarray(0, out.length).equals(out));
    assert.equal(out.length, Math.floor(at / STORED) * 65_536);
  }
});

test('pieces that are missing, in another order, doubled, or of another file are found', async () => {
  const place = new OpenPlace();
  const kept = await keep(place, randomBytes(4 * 65_536));
  const other = await keep(place, randomBytes(4 * 65_536), kept.key);
  const stored = place.stored.get(kept.id) ?? Buffer.alloc(0);
  const piece = (of: Buffer | undefined, at: number): Buffer =>
    of?.subarray(at * STORED, (at + 1) * STORED) ?? Buffer.alloc(0);
  const a = piece(stored, 0);
  const b = piece(stored, 1);
  const c = piece(stored, 2);
  const d = piece(stored, 3);
  const foreign = piece(place.stored.get(other.id), 1);
  for (const [what, changed] of Object.entries<readonly Buffer[]>({
    'the end is cut off': [a, b, c],
    'a middle one is missing': [a, b, d],
    'two have changed places': [a, c, b, d],
    'one is there twice': [a, b, b, d],
    'one is of another file with the same key': [a, foreign, c, d],
    'there is none': [],
  })) {
    place.stored.set(kept.id, Buffer.concat(changed));
    await assert.rejects(read(place, kept), isDamaged, what);
  }
  // A file that was cut between two pieces, under a row that was cut with it.
  place.stored.set(kept.id, Buffer.concat([a, b]));
  await assert.rejects(read(place, { ...kept, size: 2 * 65_536 }), isDamaged);
  place.stored.set(kept.id, stored);
  await read(place, kept);
});

test('another key, and another id, open nothing', async () => {
  const place = new OpenPlace();
  const kept = await keep(place, randomBytes(1000));
  await assert.rejects(read(place, { ...kept, key: randomBytes(32) }), isDamaged);
  const moved = { ...kept, id: randomId(16) };
  place.stored.set(moved.id, place.stored.get(kept.id) ?? Buffer.alloc(0));
  await assert.rejects(read(place, moved), isDamaged);
});

test('gives back what was encrypted where the next writer has copied it, and lets all others hold it', async () => {
  for (const copies of [true, undefined]) {
    const held: Uint8Array[] = [];
    const writer: FileWriter = {
      ...(copies === true && { copies }),
      write: async (piece) => void held.push(piece),
      finish: () => Promise.resolve(),
      abort: () => Promise.resolve(),
    };
    const sealing = new SealingWriter(writer, randomBytes(32), randomId(16));
    await sealing.write(randomBytes(200_000));
    await sealing.finish();
    const sizes = held.map((piece) => piece.byteLength).filter((size) => size !== 16);
    assert.deepEqual(sizes, copies === true ? [0, 0, 0, 0] : [65_536, 65_536, 65_536, 3392]);
  }
});
