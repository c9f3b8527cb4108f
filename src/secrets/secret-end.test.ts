import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOfDay, nearEnd } from './secret-end.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2027, 0, 1);

test('an end is near a month before, and a fifth of a short life before; from then on it stays so', () => {
  const daysTo = (until: number, since = 0): number | undefined =>
    nearEnd({ value: 'x', since, until }, {}, NOW)?.days;
  assert.equal(daysTo(NOW + 31 * DAY), undefined);
  assert.equal(daysTo(NOW + 30 * DAY), 30);
  assert.equal(daysTo(NOW + DAY / 2), 0);
  assert.equal(daysTo(NOW - DAY / 2), -1);
  assert.equal(daysTo(NOW + 3 * DAY, NOW - 7 * DAY), undefined);
  assert.equal(daysTo(NOW + 2 * DAY, NOW - 8 * DAY), 2);
});

test('an age counts from when it came, and what names neither has no end', () => {
  const aged = (days: number, until?: number): number | undefined =>
    nearEnd(
      { value: 'x', since: NOW - days * DAY, ...(until !== undefined && { until }) },
      { maxAgeMs: 90 * DAY },
      NOW,
    )?.at;
  assert.equal(aged(60), undefined);
  assert.equal(aged(80), NOW + 10 * DAY);
  assert.equal(aged(100), NOW - 10 * DAY);
  // The sooner of the two.
  assert.equal(aged(80, NOW + DAY), NOW + DAY);
  assert.equal(nearEnd('x', { maxAgeMs: DAY }, NOW), undefined);
  assert.equal(nearEnd({ value: 'x', since: 0 }, { maxAgeMs: DAY }, NOW), undefined);
  assert.equal(nearEnd(undefined, {}, NOW), undefined);
});

test('a day ends at its end, and a text that is none is no day', () => {
  assert.equal(endOfDay('2026-12-31'), NOW);
  for (const text of ['2027-02-29', '2027-13-01', '31.12.2026', '2027', ''])
    assert.equal(endOfDay(text), undefined, text);
});
