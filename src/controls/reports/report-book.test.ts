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

function bookOn(store: ReportStore, ...sent: readonly string[]): Kept {
  const told: ReportRecord[] = [];
  const faults: unknown[] = [];
  const book = new ReportBook({
    store,
    keep: 30 * DAY_MS,
    onNew: (_report, group) => void told.push(group),
    onFault: (error) => void faults.push(error),
  });
  for (const version of sent.length === 0 ? ['version-01', 'version-02'] : sent) book.sends(version);
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

const ROUNDS = 24;

test('whatever one client makes up, rows are few, and what several clients met stays', async () => {
  const store = storeOf();
  const { book } = bookOn(store);
  for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'])
    book.note(report('https://real.example'), 'version-01', client, NOW);
  book.notePage('version-01', '203.0.113.66', NOW);
  await book.flush();
  for (let round = 0; round < ROUNDS; round += 1) {
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
  assert.equal(book.fates.dropped, ROUNDS * 250);
});

test('what one visitor met stays, whatever two addresses make up, and so does what many met', async () => {
  const store = storeOf();
  const { book } = bookOn(store);
  for (let at = 0; at < 20; at += 1)
    book.note(report('https://many.example'), 'version-01', `192.0.2.${at}`, NOW);
  book.note(report('https://one.example'), 'version-01', '192.0.2.1', NOW);
  await book.flush();
  for (let round = 0; round < 60; round += 1) {
    for (let at = 0; at < 20; at += 1)
      for (const client of ['203.0.113.9', '203.0.113.70'])
        book.note(report(`https://${round}-${at}.example`), 'version-01', client, NOW + 1 + round);
    await book.flush();
  }
  const kept = (await store.list()).map(({ facts }) => facts);
  assert.equal(kept.length, MOST_GROUPS);
  for (const host of ['many', 'one'])
    assert.ok(
      kept.some((facts) => facts.includes(`//${host}.example`)),
      host,
    );
});

test('one client fills no more of what waits than leaves room for others', async () => {
  const store = storeOf();
  const { book } = bookOn(store);
  for (let at = 0; at < 300; at += 1)
    book.note(report(`https://${at}.example`), 'version-01', '203.0.113.66', NOW);
  book.note(report('https://one.example'), 'version-01', '192.0.2.1', NOW);
  await book.flush();
  assert.equal((await store.list()).length, 51);
  assert.deepEqual([book.fates.taken, book.fates.dropped], [51, 250]);
});

test('what is about a policy that was never sent is not kept, nor what names none', async () => {
  const store = storeOf();
  const { book } = bookOn(store, 'version-01');
  for (const version of ['', 'made-up-01', 'made-up-02'])
    book.note(report('https://a.example'), version, '203.0.113.66', NOW);
  await book.flush();
  // Asked a moment ago: nothing waits any more.
  book.note(report('https://a.example'), 'made-up-03', '203.0.113.66', NOW + 1);
  await book.flush();
  assert.deepEqual([await store.list(), book.fates.taken, book.fates.unknown], [[], 0, 4]);
  // However many names are made up, what is known finds its place.
  for (let at = 0; at < 300; at += 1)
    book.note(report('https://a.example'), `made-${at}`, `203.0.113.${at}`, NOW + 60_000);
  book.note(report('https://b.example'), 'version-01', '192.0.2.1', NOW + 60_000);
  await book.flush();
  assert.deepEqual(
    (await store.list()).map(({ version }) => version),
    ['version-01'],
  );
});

test('while a deployment rolls, and after a start, reports about what other processes have sent are kept', async () => {
  const store = storeOf();
  const [before, next] = [bookOn(store, 'version-01'), bookOn(store, 'version-02')];
  before.book.notePage('version-01', '192.0.2.1', NOW);
  await before.book.flush();
  next.book.notePage('version-02', '192.0.2.1', NOW + 1);
  await next.book.flush();
  before.book.note(report('https://a.example'), 'version-02', '192.0.2.1', NOW + 2);
  next.book.note(report('https://a.example'), 'version-01', '192.0.2.1', NOW + 2);
  for (const { book } of [before, next]) await book.flush();
  // From now on it is known, though the store is not asked again.
  before.book.note(report('https://a.example'), 'version-02', '192.0.2.1', NOW + 3);
  await before.book.flush();
  const counts = (await store.list()).flatMap(({ kind, version, count }) =>
    kind === 'pages' ? [] : [`${version} ${count}`],
  );
  assert.deepEqual(counts.toSorted(), ['version-01 1', 'version-02 2']);
  assert.deepEqual([before.book.fates.taken, next.book.fates.taken], [2, 1]);
  // A policy that was last sent before the days that are kept is known no more.
  const later = bookOn(store, 'version-03');
  later.book.note(report('https://b.example'), 'version-03', '192.0.2.1', NOW + 31 * DAY_MS);
  await later.book.flush();
  later.book.note(report('https://a.example'), 'version-01', '192.0.2.1', NOW + 31 * DAY_MS + 1);
  await later.book.flush();
  assert.equal(later.book.fates.unknown, 1);
});

test('where addresses bear no policy, what names none is kept', async () => {
  const store = storeOf();
  const book = new ReportBook({ store, keep: DAY_MS, onNew: () => undefined, onFault: assert.ifError });
  book.note(report('https://a.example'), '', '192.0.2.1', NOW);
  await book.flush();
  assert.equal((await store.list()).length, 1);
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
