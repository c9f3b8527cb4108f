import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growingPause } from './growing-pause.ts';

test('the first are free, then each pause is twice the one before, up to a quarter of an hour', () => {
  const pauses = [0, 4, 5, 6, 7, 14, 15, 1000].map((wrong) => growingPause(wrong, 5));
  assert.deepEqual(pauses, [0, 0, 1000, 2000, 4000, 512_000, 900_000, 900_000]);
});
