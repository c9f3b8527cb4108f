import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Bloom, errorRateOf, MAX_PLACES, shapeFor } from './bloom.ts';

function sha1(text: string): Buffer {
  return hash('sha1', text, 'buffer');
}

/** A filter of so many made-up hashes, and how many of so many others it takes for one of them. */
function filled(keys: number, errorRate: number, others: number): { bloom: Bloom; wrong: number } {
  const bloom = new Bloom(shapeFor(keys, errorRate));
  for (let index = 0; index < keys; index += 1) bloom.add(sha1(`in ${index}`));
  let wrong = 0;
  for (let index = 0; index < others; index += 1) if (bloom.has(sha1(`out ${index}`))) wrong += 1;
  return { bloom, wrong };
}

test('finds everything that was added', () => {
  const hashes = fc.array(fc.uint8Array({ minLength: 20, maxLength: 20 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(hashes, (added) => {
      const bloom = new Bloom(shapeFor(added.length, 1 / 1000));
      for (const one of added) bloom.add(one);
      for (const one of added) assert.ok(bloom.has(one));
    }),
  );
});

test('errs as often as it says: measured on a hundred thousand hashes', () => {
  for (const rate of [1 / 100, 1 / 1000]) {
    const others = 300_000;
    const { bloom, wrong } = filled(100_000, rate, others);
    const stated = errorRateOf(bloom.shape, 100_000);
    assert.ok(stated <= rate);
    // Four standard deviations; the hashes are the same in every run.
    const spread = 4 * Math.sqrt(stated * others);
    assert.ok(Math.abs(wrong - stated * others) < spread, `${wrong} of ${others} at ${stated}`);
  }
});

test('takes two bytes a hash at one in a thousand', () => {
  const { blocks, places } = shapeFor(1_000_000_000, 1 / 1000);
  assert.ok(blocks * 64 < 2_000_000_000, `${blocks} blocks`);
  assert.ok(places <= MAX_PLACES);
});

test('an empty filter finds nothing, a full one everything', () => {
  const shape = { blocks: 3, places: 5 };
  assert.ok(!new Bloom(shape).has(sha1('x')));
  assert.ok(new Bloom(shape, new Uint8Array(3 * 64).fill(255)).has(sha1('x')));
  assert.throws(() => new Bloom(shape, new Uint8Array(64)), RangeError);
});

test('the first and the last hash there are have their blocks', () => {
  const bloom = new Bloom({ blocks: 7, places: MAX_PLACES });
  for (const byte of [0x00, 0xff]) {
    const extreme = new Uint8Array(20).fill(byte);
    bloom.add(extreme);
    assert.ok(bloom.has(extreme));
  }
  assert.equal(bloom.bytes[0], 1);
  assert.equal(bloom.bytes.at(-1), 128);
});

test('states how rare an error is for a single hash and for many', () => {
  assert.ok(errorRateOf({ blocks: 1, places: 1 }, 1) > 0.001);
  assert.ok(errorRateOf(shapeFor(1, 1e-6), 1) <= 1e-6);
  assert.ok(errorRateOf({ blocks: 1, places: 10 }, 100_000) > 0.99);
});
