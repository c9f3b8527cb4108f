import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { KeyedHash } from './keyed-hash.ts';

interface Vectors {
  readonly key: string;
  readonly hashes: readonly string[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../test/vectors/siphash/halfsiphash-2-4-64.json', import.meta.url), 'utf8'),
) as Vectors;

/** The hash as the reference writes it: 8 bytes, the lowest first. */
function hex(hash: KeyedHash, text: string): string {
  hash.of(text);
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(hash.lo, 0);
  bytes.writeUInt32LE(hash.hi, 4);
  return bytes.toString('hex');
}

test('agrees with all 64 vectors of its authors', () => {
  const hash = new KeyedHash(Buffer.from(vectors.key, 'hex'));
  assert.equal(vectors.hashes.length, 64);
  let text = '';
  for (const [length, expected] of vectors.hashes.entries()) {
    assert.equal(hex(hash, text), expected, `${length} bytes`);
    text += String.fromCharCode(length);
  }
});

test('hashes a text beyond ASCII as its UTF-8 bytes', () => {
  const hash = new KeyedHash(Buffer.alloc(8, 1));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      const same = Buffer.from(a).equals(Buffer.from(b));
      assert.equal(hex(hash, a) === hex(hash, b), same);
    }),
  );
  // 256 more than an ASCII letter: told apart from it, although the lower byte is the same.
  assert.notEqual(hex(hash, 'a'), hex(hash, '\u0161'));
  assert.notEqual(hex(hash, 'abcd'), hex(hash, 'abc\u0164'));
});

test('has a key of its own in each instance, so that nobody outside can aim at a slot', () => {
  const hashes = new Set(Array.from({ length: 100 }, () => hex(new KeyedHash(), '192.0.2.1')));
  assert.equal(hashes.size, 100);
});

test('spreads neighbouring addresses evenly', () => {
  const hash = new KeyedHash(Buffer.alloc(8, 9));
  const counts = new Uint32Array(64);
  for (let index = 0; index < 64_000; index += 1) {
    hash.of(`2001:db8:${(index >> 8).toString(16)}:${(index & 255).toString(16)}::/64`);
    counts[hash.lo & 63] = (counts[hash.lo & 63] ?? 0) + 1;
  }
  // 1000 each on average, 32 the standard deviation: five of them to either side.
  for (const count of counts) assert.ok(count > 840 && count < 1160, `${count}`);
});

test('refuses a key of another length', () => {
  assert.throws(() => new KeyedHash(Buffer.alloc(16)), RangeError);
});
