import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { overlap, samplesOf, segmentsOf } from './addresses.ts';

test('two patterns overlap where some path is in both', () => {
  for (const [a, b, both] of [
    ['/', '/', true],
    ['/notes/*', '/notes/new', true],
    ['/notes/*', '/notes', false],
    ['/notes/**', '/notes', true],
    ['/notes/**', '/*/x/y', true],
    ['/**/edit', '/a/b/edit', true],
    ['/**/edit', '/a/b/delete', false],
    ['/**', '/**', true],
    ['/a/**/z', '/**/b/z', true],
    ['/a', '/b/**', false],
  ] as const) {
    assert.equal(overlap(segmentsOf(a), segmentsOf(b)), both, `${a} ${b}`);
    assert.equal(overlap(segmentsOf(b), segmentsOf(a)), both, `${b} ${a}`);
  }
});

test('every sample of a pattern is in it, and is in no other one by its name', () => {
  const pattern = fc.array(fc.constantFrom('a', 'b', '*', '**'), { maxLength: 4 });
  fc.assert(
    fc.property(pattern, (addresses) => {
      const samples = samplesOf(addresses, 3);
      assert.ok(samples.length > 0);
      for (const sample of samples) assert.ok(overlap(segmentsOf(sample), addresses), sample);
    }),
  );
  assert.deepEqual(samplesOf(['notes', '*'], 3), ['/notes/#']);
  assert.deepEqual(samplesOf(['x', '**'], 2), ['/x', '/x/#', '/x/#/#']);
  assert.deepEqual(samplesOf([], 2), ['/']);
});

test('many wildcards in one path are a bounded number of samples', () => {
  assert.ok(
    samplesOf(
      Array.from({ length: 20 }, () => '**'),
      10,
    ).length <= 500,
  );
});
