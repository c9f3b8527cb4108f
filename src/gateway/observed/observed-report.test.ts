import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ObservedReport } from './observed-report.ts';

function line(guard: string, path: string, more: object = {}): string {
  return JSON.stringify({
    time: '2026-01-01T00:00:00.000Z',
    event: 'input_validation_fail',
    method: 'GET',
    path,
    guard,
    status: 400,
    details: { observed: true, ...more },
  });
}

test('what would have been refused is put together by guard and route, the most frequent first', () => {
  const report = new ObservedReport();
  for (const path of ['/notes/1', '/notes/22', '/files/0b9f3c52-6a0e-4b35-9d3e-5d9d6a1f0c11', '/files/x.txt'])
    report.add(line('csrf', path));
  report.add(line('csrf', '/notes/3', { heldBack: 40 }));
  report.add(line('host', '/'));
  assert.deepEqual(
    report.summary.groups.map(({ guard, route, count, status }) => [guard, route, count, status]),
    [
      ['csrf', 'GET /notes/*', 43, 400],
      ['csrf', 'GET /files/*', 1, 400],
      ['csrf', 'GET /files/x.txt', 1, 400],
      ['host', 'GET /', 1, 400],
    ],
  );
  assert.equal(report.summary.groups[0]?.sample['path'], '/notes/1');
});

test('what was refused, other events and other lines do not count, and a collector may write in front of a line', () => {
  const report = new ObservedReport();
  report.add(JSON.stringify({ event: 'input_validation_fail', guard: 'csrf', details: {} }));
  report.add(`2026-01-01T00:00:00Z app[7]: ${line('url', '/a')}`);
  for (const text of ['', 'no json', '{"event":', '[1]', '{"log":"access","event":7}', 'null'])
    report.add(text);
  const { groups, observed, events, others } = report.summary;
  assert.deepEqual([groups.length, observed, events, others], [1, 1, 2, 5]);
});

test('however many paths a scanner tries, the report stays a report', () => {
  const report = new ObservedReport();
  for (let path = 0; path < 5_000; path += 1) report.add(line('url', `/made-up-${path}x`));
  const { groups, observed } = report.summary;
  assert.equal(observed, 5_000);
  assert.ok(groups.length <= 1_001);
  assert.equal(groups[0]?.route, '(other routes)');
  assert.equal(groups[0]?.count, 4_000);
});
