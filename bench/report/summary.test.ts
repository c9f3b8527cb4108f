import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS, type Series, type Slice } from '../load/measure.ts';
import { stackNamed } from '../stacks/all.ts';
import type { StoreName } from '../stacks/stack.ts';
import { median, type Row, summarize, wideRows } from './summary.ts';

function series(name: string, store: StoreName, ...cpus: number[]): Series {
  const slices = cpus.map((cpu): Slice => {
    return { failed: 0, requestsPerSecond: 1e6 / cpu, p50: cpu / 100, p99: cpu / 10, cpu };
  });
  const [scenario] = SCENARIOS;
  assert.ok(scenario !== undefined);
  return { stack: stackNamed(name), store, scenario, slices, failed: 0 };
}

function rowOf(rows: readonly Row[], name: string, store: StoreName): Row {
  const row = rows.find((one) => one.stack === name && one.store === store);
  assert.ok(row !== undefined);
  return row;
}

const ALL = [
  series('express-bare', 'memory', 50, 40, 45),
  series('express-peers', 'memory', 200, 160, 180),
  series('express-lean', 'memory', 150, 130, 120),
  series('express-lean', 'redis', 240, 250, 260),
  series('express-bulwark', 'memory', 70, 60, 80),
  series('express-bulwark', 'redis, far', 95, 90, 99),
  series('fastify-lean', 'memory', 45, 45, 45),
];

test('adds what the best round has over the best round of the bare application', () => {
  const { added, cpu, kept } = rowOf(summarize(ALL, new Map()), 'express-bulwark', 'memory');
  assert.equal(cpu.best, 60);
  assert.equal(added?.best, 20);
  assert.deepEqual([added?.lowest, added?.highest], [20, 35], 'the range is round by round');
  assert.equal(kept, 40 / 60);
});

test('compares with the usual peers and with the cheapest, on the same framework and store', () => {
  const { ofPeers, ofCheapest } = rowOf(summarize(ALL, new Map()), 'express-bulwark', 'memory');
  assert.equal(ofPeers, 20 / 120);
  assert.equal(ofCheapest, 20 / 80);
});

test('compares Bulwark without near sessions with peers on Redis, and not where the usual ones are missing', () => {
  const withUsual = [...ALL, series('express-peers', 'redis', 290, 300, 310)];
  const { ofPeers, ofCheapest } = rowOf(summarize(withUsual, new Map()), 'express-bulwark', 'redis, far');
  assert.equal(ofPeers, 50 / 250);
  assert.equal(ofCheapest, 50 / 200);
  const without = rowOf(summarize(ALL, new Map()), 'express-bulwark', 'redis, far');
  assert.deepEqual([without.ofPeers, without.ofCheapest], [undefined, undefined]);
});

test('adds nothing where there is no bare application beside it', () => {
  assert.equal(rowOf(summarize(ALL, new Map()), 'fastify-lean', 'memory').added, undefined);
});

test('the median of an even number is the mean of the two in the middle', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([5]), 5);
});

test('rounds far apart are told from those that agree; one that is out of the way does not count', () => {
  const bare = series('express-bare', 'memory', 40, 40, 40, 40, 40, 40);
  const wide = (...cpus: number[]): readonly Row[] =>
    wideRows(summarize([bare, series('express-bulwark', 'memory', ...cpus)], new Map()));
  assert.deepEqual(wide(60, 61, 60, 62, 61, 60), []);
  assert.deepEqual(wide(60, 61, 60, 62, 61, 200), []);
  const [row] = wide(60, 66, 70, 61, 75, 60);
  assert.deepEqual(row?.middleHalf, { lowest: 20, highest: 30 });
  assert.deepEqual(
    wideRows(summarize(ALL, new Map())).map(({ stack }) => stack),
    ['express-bulwark', 'express-bulwark'],
  );
});
