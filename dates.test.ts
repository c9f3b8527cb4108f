import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showAgo } from './dates.ts';

const NOW = Date.UTC(2026, 2, 14, 9, 30);
const MINUTE = 60_000;

test('says how long ago something was, and past a week on which day', () => {
  const said: readonly (readonly [minutes: number, words: string])[] = [
    [0, 'just now'],
    [0.99, 'just now'],
    [1, '1 minute ago'],
    [5.9, '5 minutes ago'],
    [60, '1 hour ago'],
    [23 * 60 + 59, '23 hours ago'],
    [24 * 60, '1 day ago'],
    [6.9 * 24 * 60, '6 days ago'],
    [7 * 24 * 60, '7 March 2026'],
  ];
  for (const [minutes, words] of said) assert.equal(showAgo(NOW - minutes * MINUTE, NOW), words);
});

test('a time that another clock put ahead is now', () => {
  assert.equal(showAgo(NOW + MINUTE, NOW), 'just now');
});
