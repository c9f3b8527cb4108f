import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRate, showRate } from './rate.ts';

test('reads words and durations', () => {
  assert.deepEqual(parseRate('5/minute'), { count: 5, windowMs: 60_000 });
  assert.deepEqual(parseRate('200/1m'), { count: 200, windowMs: 60_000 });
  assert.deepEqual(parseRate('1000/day'), { count: 1000, windowMs: 86_400_000 });
  assert.deepEqual(parseRate('1/7d'), { count: 1, windowMs: 604_800_000 });
});

test('refuses what is no rate, or one that limits nothing or everything', () => {
  const texts = [
    '',
    '5',
    '/minute',
    '0/minute',
    '5/',
    '5/0s',
    '5/fortnight',
    '-5/minute',
    '5 / minute',
    '5/min',
    '5/500ms',
  ];
  for (const text of [
    ...texts,
    '9999999/minute',
    '5/8d',
    '5/constructor',
    '5/toString',
    '5/minute;x',
    '5/MINUTE',
  ]) {
    assert.equal(parseRate(text), undefined, text);
  }
});

test('never throws, and what it reads is sound', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{0,9}\/[a-z0-9]{0,9}$/)), (text) => {
      const rate = parseRate(text);
      if (rate === undefined) return;
      assert.ok(Number.isInteger(rate.count) && rate.count >= 1);
      assert.ok(rate.windowMs >= 1000 && rate.windowMs <= 604_800_000);
      assert.deepEqual(parseRate(showRate(rate)), rate);
    }),
  );
});
