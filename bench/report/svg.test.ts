import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barChart, lineCharts } from './svg.ts';

test('bars are as long as their values, and ours stand out', () => {
  const bars = [
    { name: 'a & b', value: 10, own: false },
    { name: 'ours', value: 5, own: true },
  ];
  const svg = barChart({ title: 'Cost <of it>', unit: 'us', groups: [{ name: 'Express', bars }] });
  const widths = [...svg.matchAll(/<rect class="(\w+)" .*? width="([\d.]+)"/g)].map((match) => [
    match[1],
    Number(match[2]),
  ]);
  assert.equal(widths.length, 2);
  assert.equal(widths[0]?.[1], Number(widths[1]?.[1]) * 2);
  assert.deepEqual(
    widths.map(([kind]) => kind),
    ['other', 'own'],
  );
  assert.ok(svg.includes('a &amp; b') && svg.includes('Cost &lt;of it>'));
});

test('follows the theme of the reader, and runs no script', () => {
  const svg = barChart({
    title: '',
    unit: '',
    groups: [{ name: '', bars: [{ name: '', value: 1, own: true }] }],
  });
  assert.ok(svg.includes('prefers-color-scheme: dark'));
  assert.ok(!svg.includes('<script'));
});

test('lines fall where values do, tenfold steps are equal, and no number is missing', () => {
  const points = [
    [10, 1000],
    [100, 100],
    [1000, 10],
  ] as const;
  const svg = lineCharts('Growth', [
    { title: 'Memory', unit: 'bytes', lines: [{ name: 'ours', own: true, points }] },
  ]);
  assert.ok(!svg.includes('NaN') && !svg.includes('Infinity'));
  const dots = [...svg.matchAll(/<circle .*?cx="([\d.]+)" cy="([\d.]+)"/g)].map((match) => [
    Number(match[1]),
    Number(match[2]),
  ]);
  const [[x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = [], [x3 = 0, y3 = 0] = []] = dots;
  assert.ok(x1 < x2 && x2 < x3 && y1 < y2 && y2 < y3);
  assert.ok(Math.abs(x3 - x2 - (x2 - x1)) < 0.2 && Math.abs(y3 - y2 - (y2 - y1)) < 0.2);
});
