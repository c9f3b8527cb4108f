import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pValue } from './rank-test.ts';

test('agrees with R: wilcox.test(a, b, exact = FALSE)', () => {
  const a = [1.1, 2.2, 3.3, 4.4, 5.5, 6.6, 7.7];
  const b = [2.5, 3.5, 4.5, 5.6, 6.7, 7.8, 8.9];
  // By hand: ranks of a are 1, 2, 4, 6, 8, 10, 12, so W = 43 - 28 = 15, z = (24.5 - 15 - 0.5) / sqrt(61.25).
  assert.ok(Math.abs(pValue(a, b) - 0.2501) < 0.0005, String(pValue(a, b)));
});

test('tells series that differ from those that do not, in either order', () => {
  const same = Array.from({ length: 200 }, (_, index) => (index * 37) % 101);
  const later = same.map((value) => value + 30);
  assert.ok(pValue(same, same.toReversed()) > 0.9);
  assert.ok(pValue(same, later) < 0.001);
  assert.equal(pValue(later, same), pValue(same, later));
  assert.ok(pValue([1, 1, 1], [1, 1, 1]) > 0.99);
});
