import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TimeFamily } from '../core/metrics.ts';
import { LayerTimes } from './layer-times.ts';

function measured(times: LayerTimes): readonly number[] {
  const { samples } = times.family as TimeFamily;
  return samples.map(([, { counts }]) => counts.reduce((sum, count) => sum + count, 0));
}

test('measures the first request, and of many about one in sixteen', () => {
  const times = new LayerTimes();
  assert.notEqual(times.begin(), 0);
  let begun = 0;
  for (let request = 0; request < 16_000; request += 1) if (times.begin() !== 0) begun += 1;
  assert.ok(begun > 800 && begun < 1250, String(begun));
});

test('counts a verdict when it is there, one that fails too, and heads beside them', async () => {
  const times = new LayerTimes();
  const later = Promise.withResolvers<undefined>();
  times.decided(1, later.promise);
  assert.deepEqual(measured(times), [0, 0]);
  later.resolve(undefined);
  await later.promise;
  times.decided(1, Promise.reject(new Error('a store')));
  times.decided(1, undefined);
  await Promise.resolve();
  times.dressed(1);
  assert.deepEqual(measured(times), [3, 1]);
});
