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
