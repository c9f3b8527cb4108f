/** What was promised, and what was measured. */
import type { ImportResult } from '../parts/imports.ts';
import type { LogInsRow } from '../parts/log-ins.ts';
import type { Curve, CurveName } from '../scale/curves.ts';
import { SCENARIOS } from '../load/measure.ts';
import type { Row } from './summary.ts';
import { show, type Table } from './table.ts';

/** Everything one run measured. */
export interface Measured {
  readonly stacks: readonly Row[];
  readonly logIns: readonly LogInsRow[];
  readonly scale: readonly Curve[];
  readonly imports: ImportResult;
}

/** One promise. */
export interface Budget {
  readonly name: string;
  readonly target: string;
  readonly measured: string;
  readonly reached: boolean;
}

/** All of them, in the order of the page. */
export function budgets(measured: Measured): readonly Budget[] {
  return [
    ...stackBudgets(measured.stacks),
    ...logInBudgets(measured.logIns),
    ...scaleBudgets(measured.scale),
    ...importBudgets(measured.imports),
  ];
}

/** As a table. */
export function budgetTable(all: readonly Budget[]): Table {
  return {
    head: ['promise', 'target', 'measured', 'kept'],
    rows: all.map(({ name, target, measured, reached }) => [
      name,
      target,
      measured,
      reached ? 'yes' : '**no**',
    ]),
  };
}

const MOST_OF_PEERS = 0.2;
const LEAST_KEPT = 0.68;
const MOST_HEAD_BYTES = 950;
const MOST_COOKIE_BYTES = 60;
const MOST_TRIPS = 1;
const MOST_P99_TIMES = 2;
const MOST_BYTES_PER_KEY = 32;
const MOST_IMPORT_MS = 40;
const MOST_FIRST_ANSWER_MS = 300;
/** From the smallest to the largest: caches miss more and more often, and that is all. */
const MOST_GROWTH = 3;

function stackBudgets(rows: readonly Row[]): Budget[] {
  const own = rows.filter(({ kind, scenario }) => kind === 'bulwark' && scenario === SCENARIOS[0]?.name);
  const node = own.find(({ framework, store }) => framework === 'node:http' && store === 'memory');
  const compared = own.flatMap((row) => (row.ofCheapest === undefined ? [] : [row]));
  return [
    ...compared.map(({ framework, store, ofPeers = Number.NaN, ofCheapest = Number.NaN }) => ({
      name: `CPU that is added to a page, ${framework}, ${store}`,
      target: 'at most 0.20 of the cheapest peers, aim 0.125',
      measured: `${show(ofCheapest, 2)} of the cheapest, ${show(ofPeers, 2)} of the usual ones`,
      reached: ofCheapest <= MOST_OF_PEERS,
    })),
    ...atLeast('throughput that a core keeps on node:http, memory', node?.kept, LEAST_KEPT, 2),
    ...atMost('bytes of a response head, page', largest(own, 'pageHeadBytes'), MOST_HEAD_BYTES, 0),
    ...atMost('bytes of the request cookie', largest(own, 'cookieBytes'), MOST_COOKIE_BYTES, 0),
    ...atMost('round trips to Redis a request', largest(own, 'tripsPerRequest'), MOST_TRIPS, 1),
  ];
}

function largest(rows: readonly Row[], key: 'pageHeadBytes' | 'cookieBytes' | 'tripsPerRequest') {
  const values = rows.flatMap((row) => row[key] ?? []);
  return values.length === 0 ? undefined : Math.max(...values);
}

function logInBudgets(rows: readonly LogInsRow[]): Budget[] {
  const [queued] = rows;
  const times = queued && queued.busyP99 / queued.quietP99;
  return atMost('p99 of a page under log-ins, times its quiet value', times, MOST_P99_TIMES, 1);
}

function scaleBudgets(curves: readonly Curve[]): Budget[] {
  const limiter = pointsOf(curves, 'limiter').at(-1);
  const blocked = pointsOf(curves, 'flood')[0]?.stillBlocked;
  return [
    ...atMost(
      `bytes of the limiter a client, at ${limiter?.size.toLocaleString('en')}`,
      limiter?.bytesPerKey,
      MOST_BYTES_PER_KEY,
      1,
    ),
    ...stays('a blocked client stays blocked while 1,000,000 other addresses come by', blocked),
    ...growth(curves, 'sessions', 'a look-up, most sessions over fewest'),
    ...growth(curves, 'routes', 'a match, most routes over fewest'),
  ];
}

function stays(name: string, stayed: boolean | undefined): Budget[] {
  if (stayed === undefined) return [];
  return [{ name, target: 'yes', measured: stayed ? 'yes' : 'no', reached: stayed }];
}

function growth(curves: readonly Curve[], name: CurveName, title: string): Budget[] {
  return curves
    .filter(({ curve, subject }) => curve === name && subject.startsWith('bulwark'))
    .flatMap(({ subject, points }) => {
      const [first, last] = [points[0]?.ns, points.at(-1)?.ns];
      const times = first === undefined || last === undefined ? undefined : last / first;
      return atMost(`${title} (${subject})`, times, MOST_GROWTH, 1);
    });
}

function pointsOf(curves: readonly Curve[], name: CurveName) {
  return curves.find(({ curve, subject }) => curve === name && subject === 'bulwark')?.points ?? [];
}

function importBudgets({ rows, bareNode }: ImportResult): Budget[] {
  const own = rows.find(({ kind, name }) => kind === 'import' && name === 'bulwark/express');
  const answer = rows.find(({ kind, name }) => kind === 'first answer' && name.includes('bulwark'));
  return [
    ...atMost('ms to import bulwark/express, over bare Node', own?.median, MOST_IMPORT_MS, 0),
    ...atMost('ms from start to first answer', answer && answer.median + bareNode, MOST_FIRST_ANSWER_MS, 0),
  ];
}

function atMost(name: string, value: number | undefined, most: number, digits: number): Budget[] {
  if (value === undefined) return [];
  return [{ name, target: `at most ${most}`, measured: show(value, digits), reached: value <= most }];
}

function atLeast(name: string, value: number | undefined, least: number, digits: number): Budget[] {
  if (value === undefined) return [];
  return [{ name, target: `at least ${least}`, measured: show(value, digits), reached: value >= least }];
}
