import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import type { Probe } from '../../core/answer.ts';
import { rateLimitRules } from './rate-limit.check.ts';

/** What the first rule says of a site that is told how often it was asked. */
async function check(answer: (asked: number) => Said, expected: readonly string[], burst = 0): Promise<void> {
  let asked = 0;
  const context = contextOf(() => answer((asked += 1)), { burst });
  assert.deepEqual(await verdictOf(rateLimitRules, 'rate.page', context), expected);
}

test('holds where answers count down, by the names of any of their forerunners', async () => {
  const counting =
    (name: string, value: (left: number) => string) =>
    (asked: number): Said => ({ headers: [name, value(100 - asked)] });
  await check(
    counting('RateLimit', (left) => `"default";r=${left};t=1`),
    ['held'],
  );
  await check(
    counting('RateLimit', (left) => `limit=100, remaining=${left}, reset=5`),
    ['held'],
  );
  await check(counting('RateLimit-Remaining', String), ['held']);
  await check(counting('X-RateLimit-Remaining', String), ['held']);
});

test('holds where a limit fills up again while an answer is on its way', async () => {
  let underWay = 0;
  const { ask, site } = contextOf(() => ({}));
  const context = {
    site,
    ask: async (probe: Probe) => {
      const left = 200 - (underWay += 1);
      // As long as it takes for what was used up to be there again.
      await setImmediate();
      underWay -= 1;
      return { ...(await ask(probe)), rawHeaders: ['RateLimit', `"default";r=${left};t=1`] };
    },
  };
  assert.deepEqual(await verdictOf(rateLimitRules, 'rate.page', { ...contextOf(() => ({})), ...context }), [
    'held',
  ]);
});

test('holds where one pair of answers was held up for as long as it takes to fill the limit up', async () => {
  await check(
    (asked) => ({ headers: ['RateLimit', `"default";r=${asked <= 2 ? 199 : 202 - asked};t=1`] }),
    ['held'],
  );
});

test('a number that never falls limits nothing, and silence is no proof of none', async () => {
  await check(() => ({ headers: ['RateLimit', '"default";r=100;t=1'] }), ['not-seen']);
  await check(() => ({}), ['not-seen']);
});

test('a limit that is looked for is met, or is not there', async () => {
  const refusal: Said = { status: 429, headers: ['Retry-After', '3'] };
  await check((asked) => (asked > 30 ? refusal : {}), ['held'], 60);
  await check((asked) => (asked > 30 ? { status: 429 } : {}), ['note'], 60);
  await check(() => ({}), ['warning'], 60);
});

test('sends no more than it was allowed', async () => {
  let asked = 0;
  const context = contextOf(() => ((asked += 1), {}), { burst: 50 });
  await verdictOf(rateLimitRules, 'rate.page', context);
  assert.ok(asked <= 50, String(asked));
});

test('runs alone: what it spends, others would miss', () => {
  assert.ok(rateLimitRules.every(({ alone }) => alone === true));
});
