import assert from 'node:assert/strict';
import { OURS, type ReportRecord, type ReportStore } from '../../stores/ports/reports.ts';
import { HOSTILE_TEXTS, NOW, type OpenState, refusesToStore, stateTest } from './support.ts';

/** A group of one report, unless a test says otherwise. */
export function sketchReport(key: string, changes: Partial<ReportRecord> = {}): ReportRecord {
  return {
    key,
    version: 'v1',
    kind: 'csp-violation',
    facts: '{"directive":"img-src"}',
    count: 1,
    clients: 1,
    firstAt: NOW,
    lastAt: NOW,
    ...changes,
  };
}

/** Registers what holds of groups of reports. */
export function reportConformance(open: OpenState): void {
  const reportTest = (fact: string, body: (reports: ReportStore) => Promise<void>): void =>
    stateTest(open, fact, async ({ reports }) => {
      assert.ok(reports !== undefined, 'the state keeps no reports');
      await body(reports);
    });

  reportTest('sums up what comes to a group, and keeps what the first one said', async (reports) => {
    assert.deepEqual(await reports.add([sketchReport('a'), sketchReport('b')], 9), ['a', 'b']);
    const more = { count: 4, clients: 4, firstAt: NOW - 5, lastAt: NOW + 5, facts: '{}' };
    assert.deepEqual(await reports.add([sketchReport('a', more), sketchReport('c')], 9), ['c']);
    assert.deepEqual(await reports.list(), [
      sketchReport('a', { count: 5, clients: 5, firstAt: NOW - 5, lastAt: NOW + 5 }),
      sketchReport('b'),
      sketchReport('c'),
    ]);
    assert.deepEqual(await reports.add([], 9), []);
  });

  reportTest('adds of many at once lose nothing, and one of them was first', async (reports) => {
    const keys = ['a', 'b', 'c'];
    const added = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => {
        const own = at % 2 === 0 ? keys : keys.toReversed();
        return await reports.add(
          own.map((key) => sketchReport(key, { clients: 2 ** at })),
          9,
        );
      }),
    );
    assert.deepEqual(added.flat().toSorted(), keys);
    assert.deepEqual(
      (await reports.list()).map(({ count, clients }) => [count, clients]),
      keys.map(() => [12, 2 ** 12 - 1]),
    );
  });

  reportTest('a flood of one client leaves what several have sent', async (reports) => {
    await reports.add(
      [sketchReport('several', { clients: 3 }), sketchReport('all', { clients: OURS + 1 })],
      4,
    );
    for (let round = 0; round < 5; round += 1) {
      const flood = Array.from({ length: 3 }, (_, at) =>
        sketchReport(`flood ${round} ${at}`, { clients: 2 ** 29, lastAt: NOW + 1 + round }),
      );
      await reports.add(flood, 4);
    }
    assert.deepEqual(
      (await reports.list()).map(({ key }) => key),
      ['flood 4 0', 'flood 4 1', 'all', 'several'],
    );
  });

  reportTest('what more clients agree on stays, and a flood of few is held to its share', async (reports) => {
    const needs = [
      sketchReport('twenty', { clients: 2 ** 20 - 1, lastAt: NOW - 9 }),
      sketchReport('one visitor', { clients: 2 ** 3, lastAt: NOW - 8 }),
      sketchReport('two, of whom one has a bit of the flood', { clients: 2 ** 3 + 2 ** 7, lastAt: NOW - 8 }),
      sketchReport('pages', { kind: 'pages', clients: OURS, lastAt: NOW - 7 }),
    ];
    const flood = (clients: number, lastAt: number): ReportRecord[] =>
      Array.from({ length: 30 }, (_, at) =>
        sketchReport(`${lastAt} ${clients} ${at + 10}`, { clients, lastAt }),
      );
    await reports.add(needs, 40);
    // Two addresses, each alone and both together.
    const both = 2 ** 7 + 2 ** 9;
    for (const clients of [2 ** 7, 2 ** 9, both]) await reports.add(flood(clients, NOW), 40);
    const kept = await reports.list();
    const left = new Set(kept.map(({ key }) => key));
    for (const { key } of needs) assert.ok(left.has(key), key);
    const counts = Map.groupBy(kept, ({ clients }) => clients);
    // Two each are their shares; the room that is left goes to what both agree on, and of the others to the first by key.
    assert.deepEqual(
      [2 ** 7, 2 ** 9, both].map((clients) => counts.get(clients)?.length),
      [4, 2, 30],
    );
    assert.deepEqual(
      counts.get(2 ** 9)?.map(({ key }) => key),
      [`${NOW} 512 10`, `${NOW} 512 11`],
    );
    // Who comes after them still finds room, and keeps it.
    const later = sketchReport('another visitor', { clients: 2 ** 4, lastAt: NOW - 1 });
    await reports.add([later], 40);
    await reports.add(flood(2 ** 7, NOW + 5), 40);
    const after = new Set((await reports.list()).map(({ key }) => key));
    for (const { key } of [...needs, later]) assert.ok(after.has(key), key);
  });

  reportTest('what many clients agree on is held to no share', async (reports) => {
    const needs = Array.from({ length: 8 }, (_, at) =>
      sketchReport(`need ${at}`, { clients: 2 ** 12 - 1, lastAt: NOW - 1 }),
    );
    await reports.add(needs, 10);
    // Three addresses, in each way in which they can agree.
    const flood = [1, 2, 3, 4, 5, 6, 7].map((one) =>
      sketchReport(`flood ${one}`, { clients: one * 2 ** 20 }),
    );
    await reports.add(flood, 10);
    assert.deepEqual(
      (await reports.list()).map(({ key }) => key),
      // Of those on which two of them agree the first by its key.
      ['flood 3', 'flood 7', ...needs.map(({ key }) => key)],
    );
  });

  reportTest('forgets what was last sent before a time', async (reports) => {
    await reports.add([sketchReport('old', { lastAt: NOW - 1 }), sketchReport('new')], 9);
    assert.equal(await reports.forget(NOW), 1);
    assert.equal(await reports.forget(NOW), 0);
    assert.deepEqual(
      (await reports.list()).map(({ key }) => key),
      ['new'],
    );
  });

  reportTest('gives back every text as it is, and refuses what it could not', async (reports) => {
    const hostile = HOSTILE_TEXTS.map((text, at) =>
      sketchReport(`${at} ${text}`, { facts: text, version: text, kind: text, lastAt: NOW - at }),
    );
    await reports.add(hostile, 99);
    assert.deepEqual(await reports.list(), hostile);
    await refusesToStore(() => reports.add([sketchReport('a', { facts: '\ud800' })], 9));
  });
}
