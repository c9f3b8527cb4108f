import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { SeenBytes } from './seen-bytes.ts';

test('keeps the start and the end of whatever goes by, in pieces of any length', () => {
  const KB = 1024;
  for (const size of [0, 1, 64 * KB, 64 * KB + 1, 128 * KB - 1, 128 * KB, 128 * KB + 1, 200 * KB, 700 * KB]) {
    const bytes = randomBytes(size);
    for (const length of [997, 65_536, 100_000, 128 * KB, 300 * KB]) {
      const seen = new SeenBytes();
      for (let at = 0; at < size; at += length) {
        // A piece is another's after the call.
        const piece = Buffer.from(bytes.subarray(at, at + length));
        seen.add(piece);
        piece.fill(0);
      }
      const which = `${size} by ${length}`;
      assert.equal(seen.size, size, which);
      assert.ok(seen.head.equals(bytes.subarray(0, 64 * KB)), `head of ${which}`);
      // More than is promised of a short one is its own whole.
      assert.ok(seen.tail.equals(bytes.subarray(-128 * KB)), `tail of ${which}`);
    }
  }
});
