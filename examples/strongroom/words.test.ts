import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showAgo, showExact, showMachine } from './dates.ts';

const NOW = Date.parse('2026-03-14T09:30:00Z');

test('says how long ago something was, in the largest unit that fits', () => {
  for (const [seconds, words] of [
    [-5, 'just now'],
    [0, 'just now'],
    [59, 'just now'],
    [60, '1 minute ago'],
    [150, '2 minutes ago'],
    [3600, '1 hour ago'],
    [86_399, '23 hours ago'],
    [86_400, '1 day ago'],
    [6 * 86_400, '6 days ago'],
    [7 * 86_400, '7 March 2026'],
  ] as const) {
    assert.equal(showAgo(NOW - seconds * 1000, NOW), words);
  }
});

test('shows exact times in UTC, and says so', () => {
  assert.equal(showExact(NOW), '14 Mar 2026, 09:30 UTC');
  assert.equal(showMachine(NOW), '2026-03-14T09:30:00.000Z');
});
