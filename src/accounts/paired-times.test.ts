import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairedTimes } from './paired-times.ts';

const pairs = (
  count: number,
  of: (index: number) => readonly [number, number],
): readonly (readonly [number, number])[] => Array.from({ length: count }, (_none, index) => of(index));

test('a difference shows through a drift that is much larger than it', () => {
  const { difference, probability } = pairedTimes(pairs(20, (index) => [100 + 50 * index, 90 + 50 * index]));
  assert.equal(difference, 10);
  assert.ok(probability < 0.00001);
});

test('noise of both signs is no difference, nor is what is the same', () => {
  const { probability } = pairedTimes(pairs(20, (index) => [100, 100 + (index % 2 === 0 ? 5 : -5)]));
  assert.equal(probability, 1);
  assert.equal(pairedTimes(pairs(20, () => [7, 7])).probability, 1);
});

test('one pair more or less of the same sign is what the binomial says', () => {
  assert.equal(pairedTimes(pairs(8, () => [2, 1])).probability, 2 / 256);
  assert.equal(
    pairedTimes(pairs(8, (index) => (index === 0 ? [1, 2] : [2, 1]))).probability,
    (2 * (1 + 8)) / 256,
  );
});
