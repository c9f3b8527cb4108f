import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import { showRate } from '../../core/rate.ts';
import { rateLimitOptions, type RateLimitSettings } from './rate-limit.options.ts';
import { tableBytes } from './rate-table.ts';

/** Reads a `rateLimit` section: the settings, and the codes of what was refused. */
function read(input: unknown): { settings: RateLimitSettings; refused: readonly string[] } {
  const problems = new Problems('production');
  const settings = readOptions('rateLimit', rateLimitOptions, input, problems);
  return { settings, refused: problems.errors.map((problem) => `${problem.code} ${problem.option}`) };
}

test('has 200 requests a minute where the policy says nothing', () => {
  const { settings, refused } = read(undefined);
  assert.deepEqual(refused, []);
  assert.equal(showRate(settings.perClient), rateLimitOptions.perClient.shown);
  assert.equal(settings.mode, 'enforce');
  assert.equal(settings.accountField, 'email');
});

test('names the bytes of the default table truly', () => {
  const bytes = tableBytes(rateLimitOptions.capacity.default).toLocaleString('en-US');
  assert.ok(rateLimitOptions.capacity.reason.includes(bytes), bytes);
});

test('reads what a policy says', () => {
  const { settings, refused } = read({ perClient: '1000/10m', capacity: 5000, accountField: 'user_name' });
  assert.deepEqual(refused, []);
  assert.deepEqual(settings.perClient, { count: 1000, windowMs: 600_000 });
});

test('refuses what is no rate, no capacity and no field name', () => {
  for (const perClient of ['', '0/minute', '5', '5/fortnight', '-1/minute', 5, null, '1/30d']) {
    assert.deepEqual(read({ perClient }).refused, ['ERR_BULWARK_INVALID_OPTION rateLimit.perClient']);
  }
  for (const capacity of [0, 1023, 1.5, 2 ** 25, '1024']) {
    assert.deepEqual(read({ capacity }).refused, ['ERR_BULWARK_INVALID_OPTION rateLimit.capacity']);
  }
  for (const accountField of ['', 'user[name]', '1st', 'a b', 'x'.repeat(65)]) {
    assert.deepEqual(read({ accountField }).refused, ['ERR_BULWARK_INVALID_OPTION rateLimit.accountField']);
  }
  assert.deepEqual(read({ perclient: '5/minute' }).refused, [
    'ERR_BULWARK_UNKNOWN_OPTION rateLimit.perclient',
  ]);
});
