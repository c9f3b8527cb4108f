import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportRecord, ReportStore } from '../../stores/ports/reports.ts';
import { memory } from '../../stores/memory/state.ts';
import type { Report } from './read-report.ts';
import { MOST_GROUPS, ReportBook } from './report-book.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const DAY_MS = 86_400_000;

function storeOf(): ReportStore {
  const { reports } = memory();
  assert.ok(reports !== undefined);
  return reports;
}

interface Kept {
  readonly book: ReportBook;
  readonly told: ReportRecord[];
  readonly faults: unknown[];
}

function bookOn(store: ReportStore): Kept {
  const told: ReportRecord[] = [];
  const faults: unknown[] = [];
  const book = new ReportBook({
    store,
    keep: 30 * DAY_MS,
    onNew: (_report, group) => void told.push(group),
    onFault: (error) => void faults.push(error),
  });
  return { book, told, faults };
}

function report(blocked: string, line?: number): Report {
  const facts = { page: '/', directive: 'img-src', blocked, disposition: 'report' };
  return { kind: 'csp-violation', facts: line === undefined ? facts : { ...facts, line } };
}

test('processes count together, and what is new is told by one of them', async () => {
  const store = storeOf();
  const [one, other] = [bookOn(store), bookOn(store)];
  for (const { book } of [one, other, one]) {
    book.note(report('https://a.example'), 'version-01', '192.0.2.1', NOW);
    book.notePage('version-01', '192.0.2.1', NOW);
    await book.flush();
  }
  const all = await store.list();
  assert.deepEqual(all.map(({ kind, count }) => [kind, count]).toSorted(), [
    ['csp-violation', 3],
    ['pages', 3],
  ]);
  assert.deepEqual([one.told.length, other.told.length], [1, 0]);
});

test('reports that differ in a line of a file are one, and pages are counted by the day and the policy', async () => {
  const store = storeOf();
  const { book } = bookOn(store);
  book.note(report('https://a.example', 3), 'version-01', '192.0.2.1', NOW);
  book.note(report('https://a.example', 4), 'version-01', '192.0.2.1', NOW + 1);
  book.note(report('https://a.example', 4), 'version-02', '192.0.2.1', NOW + 2);
  for (const [version, at] of [
    ['version-01', NOW],
    ['version-02', NOW],
    ['version-01', NOW + DAY_MS],
  ] as const)
    book.notePage(version, '192.0.2.1', at);
  await book.flush();
  const all = await store.list();
  const countsOf = (kind: string): readonly unknown[] =>
    all
      .filter((one) => one.kind === kind)
      .map(({ version, count }) => `${version} ${count}`)
      .toSorted();
  assert.deepEqual(countsOf('csp-violation'), ['version-01 2', 'version-02 1']);
  assert.deepEqual(countsOf('pages'), ['version-01 1', 'version-01 1', 'version-02 1']);
});

test('whatever one client makes up, rows are few, and what several clients met stays', async () => {
  const store = storeOf();
  const { book } = bookOn(store);
  for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'])
    book.note(report('https://real.example'), 'version-01', client, NOW);
  book.notePage('version-01', '203.0.113.66', NOW);
  await book.flush();
  for (let round = 0; round < 12; round += 1) {
    for (let at = 0; at < 300; at += 1)
      book.note(report(`https://${round}-${at}.example`), 'version-01', '203.0.113.66', NOW + 1 + round);
    await book.flush();
  }
  const all = await store.list();
  assert.equal(all.length, MOST_GROUPS);
  assert.deepEqual(
    all.filter(({ count }) => count > 1).map(({ count }) => count),
    [5],
  );
  assert.ok(all.some(({ kind }) => kind === 'pages'));
  // What does not find room within a second is dropped, and counted.
  assert.equal(book.fates.dropped, 12 * 100);
});

test('what was last reported too long ago is forgotten', async () => {
  const store = storeOf();
  const { book } = bookOn(store);
  book.note(report('https://old.example'), 'version-01', '192.0.2.1', NOW - 31 * DAY_MS);
  await book.flush();
  book.note(report('https://new.example'), 'version-01', '192.0.2.1', NOW);
  await book.flush();
  assert.deepEqual(
    (await store.list()).map(({ facts }) => facts.includes('new')),
    [true],
  );
});

test('a store that fails is told of once, costs nobody anything, and is used again', async () => {
  const store = storeOf();
  let down = true;
  const failing: ReportStore = {
    add: (groups, most) => (down ? Promise.reject(new Error('gone')) : store.add(groups, most)),
    list: () => store.list(),
    forget: (before) => store.forget(before),
  };
  const { book, faults } = bookOn(failing);
  for (let time = 0; time < 3; time += 1) {
    book.note(report('https://a.example'), 'version-01', '192.0.2.1', NOW);
    await book.flush();
  }
  assert.deepEqual([faults.length, book.fates.dropped], [1, 3]);
  down = false;
  book.note(report('https://a.example'), 'version-01', '192.0.2.1', NOW);
  await book.flush();
  assert.equal((await store.list()).length, 1);
});
