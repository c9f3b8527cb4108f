import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameSecret } from './constant-time.ts';
import { randomBytes, randomId, randomNonce } from './random.ts';

test('v5.0.0-11.5.2 (in part) gives ids of the asked strength that never repeat, over many refills of the pool', () => {
  const ids = Array.from({ length: 5000 }, () => randomId(24));
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[\w-]{32}$/);
});

test('nonces have 22 characters of base64url, each of them free, and never repeat, over many refills', () => {
  const nonces = Array.from({ length: 5000 }, randomNonce);
  assert.equal(new Set(nonces).size, nonces.length);
  for (const nonce of nonces) assert.match(nonce, /^[\w-]{22}$/);
  // At every place all 64 signs: of 5000 draws one is missing once in 10^31.
  for (let at = 0; at < 22; at += 1)
    assert.equal(new Set(nonces.map((nonce) => nonce[at])).size, 64, `at ${at}`);
});

test('bytes that were handed out stay what they are when the pool is refilled', () => {
  const first = randomBytes(16);
  const copy = Buffer.from(first);
  for (let index = 0; index < 2000; index += 1) randomBytes(16);
  assert.deepEqual(first, copy);
  assert.notDeepEqual(first, Buffer.alloc(16));
});

test('every bit of an id is used about half of the time', () => {
  const ones = new Uint32Array(128);
  for (let round = 0; round < 4000; round += 1) {
    const bytes = randomBytes(16);
    for (let bit = 0; bit < 128; bit += 1)
      ones[bit] = (ones[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
  }
  // Eight standard deviations: fails once in 10^13 runs.
  for (const count of ones) assert.ok(Math.abs(count - 2000) < 8 * Math.sqrt(1000));
});

test('compares secrets of any length', () => {
  assert.ok(sameSecret('abc', 'abc'));
  assert.ok(!sameSecret('abc', 'abd'));
  assert.ok(!sameSecret('abc', 'abcd'));
  assert.ok(!sameSecret('', 'a'));
});
