import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { SEEN, SeenBytes } from './seen-bytes.ts';

const KB = 1024;

/** Goes by in pieces. */
function seenIn(bytes: Buffer, length: number, as: 'archive' | 'other'): SeenBytes {
  const seen = new SeenBytes(as);
  for (let at = 0; at < bytes.length; at += length) {
    // A piece is another's after the call.
    const piece = Buffer.from(bytes.subarray(at, at + length));
    seen.add(piece);
    piece.fill(0);
  }
  return seen;
}

test('keeps the start and the end of whatever goes by, in pieces of any length', () => {
  for (const size of [0, 1, 64 * KB, 64 * KB + 1, 128 * KB - 1, 128 * KB, 128 * KB + 1, 200 * KB, 700 * KB]) {
    const bytes = randomBytes(size);
    for (const length of [997, 65_536, 100_000, 128 * KB, 300 * KB]) {
      for (const as of ['archive', 'other'] as const) {
        const seen = seenIn(bytes, length, as);
        const which = `${size} by ${length}, ${as}`;
        assert.equal(seen.size, size, which);
        assert.ok(seen.head.equals(bytes.subarray(0, SEEN[as].head)), `head of ${which}`);
        // More than is promised of a short one is its own whole.
        assert.ok(seen.tail.equals(bytes.subarray(-SEEN[as].tail)), `tail of ${which}`);
      }
    }
  }
});

test('of what is no archive it keeps no more than its type is known by', () => {
  assert.ok(SEEN.other.head + SEEN.other.tail <= 4 * KB);
});

test('finds the directory of an archive near the end of anything, in pieces of any length', () => {
  const [directory, entry] = [Buffer.from('PK\u0005\u0006'), Buffer.from('PK\u0001\u0002')];
  const size = 200 * KB;
  const first = size - 128 * KB;
  for (const [one, other, has] of [
    [first, size - 4, true],
    [size - 4, first, true],
    [first - 1, size - 4, false],
    [size - 4, first - 1, false],
    [size - 4, undefined, false],
    [undefined, size - 4, false],
  ] as const) {
    const bytes = Buffer.alloc(size, 'P');
    if (one !== undefined) directory.copy(bytes, one);
    if (other !== undefined) entry.copy(bytes, other);
    for (const length of [1, 2, 3, 5, 997, 65_536, size])
      assert.equal(seenIn(bytes, length, 'other').hasDirectory, has, `${one}, ${other} by ${length}`);
  }
});
