import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countOwed, gcraDebit, gcraStep } from './gcra.ts';

const FIVE_A_MINUTE = { count: 5, windowMs: 60_000 };

test('lets the whole count through at once, then one each interval', () => {
  let tat = 0;
  const answers = [0, 0, 0, 0, 0, 0, 11_999, 12_000, 12_001].map((at) => {
    const step = gcraStep(FIVE_A_MINUTE, tat, 1_000_000 + at);
    tat = step.tat;
    return step.allowed;
  });
  assert.deepEqual(answers, [true, true, true, true, true, false, false, true, false]);
});

test('a debit counts past the limit, up to two windows', () => {
  assert.equal(gcraDebit(FIVE_A_MINUTE, 0, 3, 1000), 37_000);
  assert.equal(gcraDebit(FIVE_A_MINUTE, 37_000, 3, 1000), 73_000);
  assert.equal(gcraDebit(FIVE_A_MINUTE, 73_000, 1000, 1000), 121_000);
  assert.equal(gcraDebit(FIVE_A_MINUTE, 900_000, 1, 1000), 121_000);
});

test('a clock that is set back an hour refuses for one interval, and gives one back each interval from then on', () => {
  const ahead = 3_600_000;
  let tat = 0;
  for (let index = 0; index < 5; index += 1) tat = gcraStep(FIVE_A_MINUTE, tat, 1_000_000 + ahead).tat;
  const refused = gcraStep(FIVE_A_MINUTE, tat, 1_000_000);
  assert.equal(refused.allowed, false);
  assert.equal(refused.retryAfterMs, 12_000);
  assert.equal(refused.resetAfterMs, 60_000);
  assert.equal(refused.tat, 1_060_000);
  assert.ok(gcraStep(FIVE_A_MINUTE, refused.tat, 1_000_000 + refused.retryAfterMs).allowed);
});

test('a machine whose clock is late lets nobody past what the others have counted', () => {
  for (const lateMs of [1000, 180_000, 600_000]) {
    let tat = 0;
    let passed = 0;
    for (let now = 1_000_000; now < 1_600_000; now += 1000) {
      for (const clock of [now, now - lateMs]) {
        const step = gcraStep(FIVE_A_MINUTE, tat, clock);
        tat = step.tat;
        if (step.allowed) passed += 1;
      }
    }
    // Five at once, and five a minute for ten minutes.
    assert.ok(passed <= 55, `${lateMs}: ${passed}`);
  }
});

test('tells what is left and when more comes', () => {
  const first = gcraStep(FIVE_A_MINUTE, 0, 1000);
  assert.deepEqual(first, {
    allowed: true,
    tat: 13_000,
    remaining: 4,
    retryAfterMs: 0,
    resetAfterMs: 12_000,
  });
  const refused = gcraStep(FIVE_A_MINUTE, 61_000, 1000);
  assert.deepEqual(refused, {
    allowed: false,
    tat: 61_000,
    remaining: 0,
    retryAfterMs: 12_000,
    resetAfterMs: 60_000,
  });
});

test('never lets more than twice the count through in any window, and never more than the count at once', () => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), arrivals, (count, gaps) => {
      const rate = { count, windowMs: 10_000 };
      let now = 1_000_000;
      let tat = 0;
      const passed: number[] = [];
      for (const gap of gaps) {
        now += gap;
        const step = gcraStep(rate, tat, now);
        tat = step.tat;
        if (step.allowed) passed.push(now);
      }
      for (const start of passed) {
        const atOnce = passed.filter((at) => at === start).length;
        const inWindow = passed.filter((at) => at >= start && at < start + rate.windowMs).length;
        assert.ok(atOnce <= count);
        assert.ok(inWindow < 2 * count + 1);
      }
    }),
  );
});

test('a client that waits as long as it is told gets through', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1000, max: 600_000 }),
      (count, windowMs) => {
        const rate = { count, windowMs };
        const refused = gcraStep(rate, 1_000_000 + windowMs, 1_000_000);
        assert.ok(!refused.allowed);
        assert.ok(gcraStep(rate, refused.tat, 1_000_000 + refused.retryAfterMs).allowed);
      },
    ),
  );
});

test('a debt stands for so many of a rate, until it is paid off, and for none where nobody can owe it', () => {
  const rate = { count: 10, windowMs: 1000 };
  assert.deepEqual(
    [0, 1, 100, 101, 2000, 2001].map((debtMs) => countOwed(rate, debtMs)),
    [0, 1, 1, 2, 20, 0],
  );
});
