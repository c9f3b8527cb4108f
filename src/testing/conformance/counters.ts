import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { gcraStep } from '../../core/gcra.ts';
import type { CounterAnswer } from '../../stores/ports/counters.ts';
import { HOSTILE_TEXTS, NOW, type OpenState, stateTest, type StoreTraits, sweepAll } from './support.ts';

const HOUR_MS = 60 * 60_000;
const FIVE_A_MINUTE = { count: 5, windowMs: 60_000 };

/** Counters are exact. */
export function counterConformance(open: OpenState, traits: StoreTraits): void {
  stateTest(open, 'counts exactly as core/gcra.ts does, request by request', async ({ counters }) => {
    let tat = 0;
    for (const rate of [FIVE_A_MINUTE, { count: 7, windowMs: 60_000 }, { count: 1, windowMs: 1000 }]) {
      for (const gap of [0, 0, 0, 1, 0, 0, 8571, 0, 11_999, 1, 1, 60_000, 0, 0, 0, 0, 0, 0]) {
        const now = Math.max(NOW, Math.floor(tat)) + gap;
        const step = gcraStep(rate, tat, now);
        tat = step.tat;
        assert.deepEqual(await counters.take('k', rate, now), answerOf(step));
      }
    }
  });

  stateTest(
    open,
    'a debit counts what was let through elsewhere, past the limit too',
    async ({ counters }) => {
      assert.equal(await counters.debit('k', FIVE_A_MINUTE, 3, NOW), 36_000);
      assert.equal((await counters.take('k', FIVE_A_MINUTE, NOW)).remaining, 1);
      assert.equal(await counters.debit('k', FIVE_A_MINUTE, 4, NOW), 96_000);
      const refused = await counters.take('k', FIVE_A_MINUTE, NOW);
      assert.equal(refused.allowed, false);
      assert.equal(refused.retryAfterMs, 48_000);
      assert.equal(await counters.debit('k', FIVE_A_MINUTE, 1000, NOW + 1), 120_000);
      assert.ok((await counters.take('k', FIVE_A_MINUTE, NOW + 1 + 72_000)).allowed);
      const debts = await Promise.all(
        Array.from({ length: 4 }, async () => counters.debit('at once', FIVE_A_MINUTE, 1, NOW)),
      );
      assert.deepEqual(
        debts.toSorted((a, b) => a - b),
        [12_000, 24_000, 36_000, 48_000],
      );
    },
  );

  stateTest(open, 'tells a debt without counting or storing anything', async ({ counters }) => {
    for (let look = 0; look < 3; look += 1) assert.equal(await counters.debt('k', NOW), 0);
    assert.equal(await counters.count(), 0);
    await counters.take('k', FIVE_A_MINUTE, NOW);
    await counters.take('k', FIVE_A_MINUTE, NOW);
    for (let look = 0; look < 3; look += 1) assert.equal(await counters.debt('k', NOW + 1), 23_999);
    assert.equal((await counters.take('k', FIVE_A_MINUTE, NOW)).remaining, 2);
    assert.equal(await counters.debt('k', NOW + 60_000), 0);
    for (const key of ['', ...HOSTILE_TEXTS]) assert.equal(await counters.debt(key, NOW), 0);
  });

  stateTest(open, 'lets five of five a minute through and refuses the sixth', async ({ counters }) => {
    const answers: boolean[] = [];
    for (let index = 0; index < 7; index += 1)
      answers.push((await counters.take('k', FIVE_A_MINUTE, NOW)).allowed);
    assert.deepEqual(answers, [true, true, true, true, true, false, false]);
  });

  stateTest(open, 'lets exactly five of twenty simultaneous requests through', async ({ counters }) => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => counters.take('k', FIVE_A_MINUTE, NOW)),
    );
    assert.equal(answers.filter(({ allowed }) => allowed).length, 5);
  });

  stateTest(open, 'a refused request costs nothing: who waits as told gets through', async ({ counters }) => {
    for (let index = 0; index < 5; index += 1) await counters.take('k', FIVE_A_MINUTE, NOW);
    let refused = await counters.take('k', FIVE_A_MINUTE, NOW);
    for (let index = 0; index < 100; index += 1) refused = await counters.take('k', FIVE_A_MINUTE, NOW + 1);
    assert.equal(refused.retryAfterMs, 11_999);
    assert.ok((await counters.take('k', FIVE_A_MINUTE, NOW + 1 + refused.retryAfterMs)).allowed);
  });

  stateTest(
    open,
    'a clock that is set back an hour refuses nobody for that hour, and lets nobody start anew at once',
    async ({ counters }) => {
      for (let index = 0; index < 5; index += 1) await counters.take('k', FIVE_A_MINUTE, NOW + HOUR_MS);
      await counters.debit('owed', FIVE_A_MINUTE, 20, NOW + HOUR_MS);
      for (const key of ['k', 'owed']) {
        const refused = await counters.take(key, FIVE_A_MINUTE, NOW);
        assert.deepEqual([refused.allowed, refused.retryAfterMs], [false, 12_000]);
        assert.equal(await counters.debt(key, NOW), 60_000);
        const still = await counters.take(key, FIVE_A_MINUTE, NOW + 11_999);
        assert.deepEqual([still.allowed, still.retryAfterMs], [false, 1]);
        assert.ok((await counters.take(key, FIVE_A_MINUTE, NOW + 12_000)).allowed);
      }
      assert.equal(await counters.debit('new', FIVE_A_MINUTE, 1, NOW + HOUR_MS), 12_000);
      assert.equal(await counters.debit('new', FIVE_A_MINUTE, 1, NOW), 120_000);
    },
  );

  stateTest(open, 'keeps keys apart, hostile ones too', async ({ counters }) => {
    const once = { count: 1, windowMs: 60_000 };
    for (const key of ['', ...HOSTILE_TEXTS]) {
      assert.ok((await counters.take(key, once, NOW)).allowed, JSON.stringify(key));
    }
    for (const key of ['', ...HOSTILE_TEXTS]) {
      assert.ok(!(await counters.take(key, once, NOW)).allowed, JSON.stringify(key));
    }
    assert.ok((await counters.take('\ud800', once, NOW)).retryAfterMs >= 0);
  });

  if (traits.forgets === true) {
    stateTest(open, 'forgets what is paid off by itself', async ({ counters }) => {
      const short = { count: 5, windowMs: 500 };
      for (let index = 0; index < 100; index += 1) await counters.take(`k${index}`, short, NOW);
      await counters.take('in debt', FIVE_A_MINUTE, NOW);
      while ((await counters.count()) > 1) await sleep(10);
      assert.equal((await counters.take('in debt', FIVE_A_MINUTE, NOW)).remaining, 3);
      assert.equal(await counters.sweep(NOW), 0);
    });
    return;
  }
  stateTest(
    open,
    'sweeps delete what is paid off, at most a thousand at a time, and nothing else',
    async ({ counters }) => {
      for (let index = 0; index < 1500; index += 1) await counters.take(`k${index}`, FIVE_A_MINUTE, NOW);
      for (let index = 0; index < 5; index += 1) await counters.take('in debt', FIVE_A_MINUTE, NOW);
      assert.equal(await counters.count(), 1501);
      assert.equal(await counters.sweep(NOW + 11_999), 0);
      assert.equal(await sweepAll(counters, NOW + 12_000), 1500);
      assert.equal(await counters.count(), 1);
      const later = await counters.take('in debt', FIVE_A_MINUTE, NOW + 12_000);
      assert.equal(later.remaining, 0);
    },
  );
}

function answerOf(step: CounterAnswer): CounterAnswer {
  const { allowed, remaining, retryAfterMs, resetAfterMs } = step;
  return { allowed, remaining, retryAfterMs, resetAfterMs };
}
