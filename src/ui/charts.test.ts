import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barChart, rowBar } from './charts.ts';

const bars = [
  { label: '12:00', values: [3, 1] },
  { label: '12:05', values: [0, 0] },
  { label: '12:10 <b>', values: [10_000, 0] },
];

test('says in words what it shows, and tells series apart by more than colour', () => {
  const { text } = barChart({ id: 'a', title: 'Sign-ins', series: ['in', 'refused'], bars });
  assert.match(text, /aria-label="Sign-ins: 10004 in all, 10000 at most\./);
  assert.match(text, /<title>12:00: in 3, refused 1<\/title>/);
  assert.match(text, /fill="url\(#a-hatch\)"/);
  assert.doesNotMatch(text, /<b>|style=|#[0-9a-f]{6}/);
});

test('what is there is seen however little it is, and nothing is not', () => {
  const { text } = barChart({ id: 'a', title: 'T', series: ['in', 'out'], bars });
  const heights = [
    ...text.matchAll(
      /<rect\s+x="(?:[5-9]\d|\d{3})[\d.]*"\s+y="[\d.]+"\s+width="[\d.]+"\s+height="([\d.]+)"\s+fill/g,
    ),
  ].map(([, height]) => Number(height));
  assert.deepEqual(heights, [1, 1, 0, 0, 136, 0]);
  assert.match(rowBar(1, 100_000).text, /width="1" height="8" fill/);
  assert.match(rowBar(0, 0).text, /width="0" height="8" fill/);
});

test('is a chart of nothing where nothing happened', () => {
  const { text } = barChart({ id: 'a', title: 'T', series: ['in'], bars: [] });
  assert.match(text, /0 in all, 0 at most/);
  assert.doesNotMatch(text, /NaN|Infinity/);
});
