import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReaderSample, SlowReader } from './slow-reader.ts';

const PACE = { period: 1000, bytes: 100 };

/** What is said to samples of [now, waiting, taken], of a connection opened at 0. */
function judge(...samples: [now: number, waiting: number, taken: number][]): string {
  const reader = new SlowReader(PACE, 0);
  return samples
    .map(([now, waiting, taken]): ReaderSample => ({ now, waiting, taken }))
    .map((sample) => reader.judge(sample))
    .join(' ');
}

test('cuts who takes nothing for a whole period', () => {
  assert.equal(judge([500, 10, 0], [999, 10, 0], [1000, 10, 0]), 'wait wait cut');
});

test('cuts who takes a byte now and then: that is progress, and holds the answer forever', () => {
  assert.equal(judge([250, 990, 10], [500, 980, 20], [750, 970, 30], [1000, 960, 40]), 'wait wait wait cut');
});

test('waits for who takes enough in each period', () => {
  assert.equal(
    judge([900, 900, 100], [1800, 800, 200], [2700, 700, 300], [3600, 600, 400]),
    'wait wait wait wait',
  );
});

test('waits for who has nothing to take: an idle connection is no slow reader', () => {
  assert.equal(judge([5000, 0, 0], [60_000, 0, 0]), 'wait wait');
});

test('counts from when data began to wait, not from the last answer', () => {
  assert.equal(
    judge([60_000, 0, 5000], [60_500, 10, 5000], [60_999, 10, 5000], [61_000, 10, 5000]),
    'wait wait wait cut',
  );
});

test('an answer that grows while it waits changes nothing', () => {
  assert.equal(judge([500, 10, 0], [750, 10_000, 0], [1000, 1_000_000, 0]), 'wait wait cut');
});
