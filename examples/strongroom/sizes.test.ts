import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showSize } from './sizes.ts';

test('sizes are in the unit that a person would take', () => {
  const shown = [0, 1, 1023, 1024, 1536, 10_240, 1_048_576, 3_565_158, 5 * 1024 ** 3].map(showSize);
  assert.deepEqual(shown, [
    '0 bytes',
    '1 byte',
    '1023 bytes',
    '1 KB',
    '1.5 KB',
    '10 KB',
    '1 MB',
    '3.4 MB',
    '5 GB',
  ]);
});
