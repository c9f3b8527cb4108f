import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { BulwarkError } from '../../core/errors.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { randomId } from '../../core/random.ts';
import type { FileBytes } from '../../files/bytes/file-bytes.ts';

/** Makes an empty place for bytes. */
export type OpenFileBytes = () => MaybePromise<FileBytes>;

const MB = 1024 ** 2;

/** What a file reads as, in pieces that are put together. */
export async function readAll(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const piece of pieces) read.push(piece);
  return Buffer.concat(read);
}

/** Keeps bytes as a file, in pieces of a size. */
export async function keepBytes(place: FileBytes, bytes: Buffer, piece = 50_000): Promise<string> {
  const id = randomId(16);
  const writer = await place.create(id);
  for (let at = 0; at < bytes.length; at += piece) await writer.write(bytes.subarray(at, at + piece));
  await writer.finish();
  return id;
}

/** What a place for bytes gives back, when, and what it leaves behind. */
export function fileBytesTests(open: OpenFileBytes): void {
  test('gives back every byte, and of a part those alone', async () => {
    const place = await open();
    for (const size of [0, 1, 65_535, 65_536, 65_537, 3 * MB + 17]) {
      const bytes = randomBytes(size);
      const id = await keepBytes(place, bytes);
      assert.equal(await place.size(id), size);
      assert.ok((await readAll(place.read(id, 0, size))).equals(bytes));
      for (const [from, to] of [
        [0, 1],
        [size >> 1, size],
        [size >> 1, (size >> 1) + 100],
        [size - 1, size],
      ] as const) {
        if (from < 0 || to > size) continue;
        assert.ok((await readAll(place.read(id, from, to))).equals(bytes.subarray(from, to)));
      }
    }
  });

  test('nobody reads a file before it is whole', async () => {
    const place = await open();
    const id = randomId(16);
    const writer = await place.create(id);
    await writer.write(randomBytes(MB));
    assert.equal(await place.size(id), undefined);
    await isDamaged(readAll(place.read(id, 0, 10)));
    await writer.finish();
    assert.equal(await place.size(id), MB);
  });

  test('one that was given up leaves nothing', async () => {
    const place = await open();
    const id = randomId(16);
    const writer = await place.create(id);
    await writer.write(randomBytes(MB));
    await writer.abort();
    await writer.abort();
    assert.equal(await place.size(id), undefined);
    // Its id is free again: nothing of it stands in the way.
    const again = await place.create(id);
    await again.write(Buffer.from('x'));
    await again.finish();
    assert.equal(await place.size(id), 1);
  });

  test('removes a file, what was begun of one, and what is not there', async () => {
    const place = await open();
    const id = await keepBytes(place, randomBytes(10));
    await place.remove(id);
    assert.equal(await place.size(id), undefined);
    await isDamaged(readAll(place.read(id, 0, 10)));
    await place.remove(id);
    const begun = randomId(16);
    const writer = await place.create(begun);
    await writer.write(randomBytes(MB));
    await place.remove(begun);
    await writer.abort();
    await place.create(begun).then((other) => other.abort());
  });

  test('says that bytes are missing, and hands out no others in their place', async () => {
    const place = await open();
    const id = await keepBytes(place, Buffer.from('0123456789'));
    await isDamaged(readAll(place.read(id, 5, 11)));
    assert.equal((await readAll(place.read(id, 5, 10))).toString(), '56789');
  });

  test('takes no id that could lead elsewhere', async () => {
    const place = await open();
    for (const id of [
      '',
      '..',
      '../../../../etc/passwd',
      'a/b',
      'short',
      `${'x'.repeat(20)}/..`,
      '.'.repeat(20),
    ]) {
      await assert.rejects(async () => place.create(id), isStoreError, id);
      await assert.rejects(async () => place.size(id), isStoreError, id);
      await assert.rejects(async () => place.remove(id), isStoreError, id);
      await assert.rejects(async () => readAll(place.read(id, 0, 1)), isStoreError, id);
    }
  });

  test('many at once keep to themselves', async () => {
    const place = await open();
    const all = Array.from({ length: 20 }, (_, at) => Buffer.alloc(200_000 + at, at));
    const ids = await Promise.all(all.map(async (bytes) => keepBytes(place, bytes, 7_000)));
    for (const [at, id] of ids.entries()) {
      const bytes = all[at] ?? Buffer.alloc(0);
      assert.ok((await readAll(place.read(id, 0, bytes.length))).equals(bytes));
    }
  });
}

async function isDamaged(reading: Promise<unknown>): Promise<void> {
  await assert.rejects(
    reading,
    (error) => error instanceof BulwarkError && error.code === 'ERR_BULWARK_FILE_DAMAGED',
  );
}

function isStoreError(error: unknown): boolean {
  return error instanceof BulwarkError && error.code === 'ERR_BULWARK_STORE';
}
