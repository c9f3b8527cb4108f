/** One point of a curve, in a fresh process whose memory is its own: `child.ts CURVE SUBJECT SIZE`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRoutePattern } from '../../src/policy/route-pattern.ts';
import { RouteTable } from '../../src/policy/route-table.ts';
import { median } from '../report/summary.ts';
import { type CurveName, type Point, TEN_ROUTES } from './curves.ts';
import { type Count, LIMITERS } from './limiters.ts';
import { idHashOf, SESSION_SUBJECTS } from './sessions.ts';

const DECISIONS = 200_000;
const LOOK_UPS = 50_000;
const WEIGHED_KEYS = 100_000;
const UNLIMITED = 1_000_000;
const TURNS = 100;

const [curve, subject = '', sizeText] = process.argv.slice(2);
const point = await measure(curve as CurveName, Number(sizeText));
process.stdout.write(JSON.stringify(point));

function measure(name: CurveName, size: number): Promise<Point> {
  switch (name) {
    case 'limiter':
      return limiterPoint(size);
    case 'flood':
      return floodPoint(size);
    case 'sessions':
      return sessionsPoint(size);
    case 'routes':
      return routesPoint(size);
  }
}

async function limiterPoint(size: number): Promise<Point> {
  // Its code is no part of its memory.
  await fill(await named(LIMITERS).make({ limit: UNLIMITED, keys: 8 }), 100);
  // Small ones are too small to weigh one by one.
  const copies = Math.max(1, WEIGHED_KEYS / size);
  const before = usedBytes();
  const counts: Count[] = [];
  for (let copy = 0; copy < copies; copy += 1) {
    const one = await named(LIMITERS).make({ limit: UNLIMITED, keys: size });
    await fill(one, size);
    counts.push(one);
  }
  const bytes = (usedBytes() - before) / copies;
  const [count = never] = counts;
  const ns = await timeEach(DECISIONS, size, (number) => count(addressOf(number)));
  return { size, ns: ns - (await timeEach(DECISIONS, size, addressOf)), bytesPerKey: bytes / size };
}

function never(): boolean {
  return false;
}

/** A client that is blocked, and then `size` other addresses, one request each. Is it still blocked? */
async function floodPoint(size: number): Promise<Point> {
  const count = await named(LIMITERS).make({ limit: 5, keys: undefined });
  const blocked = '198.51.100.1';
  for (let request = 0; request < 6; request += 1) await count(blocked);
  const before = usedBytes();
  await fill(count, size);
  return { size, stillBlocked: !(await count(blocked)), grownBytes: usedBytes() - before };
}

async function sessionsPoint(size: number): Promise<Point> {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-bench-'));
  try {
    const before = usedBytes();
    const table = await named(SESSION_SUBJECTS).open(directory);
    await table.fill(size);
    const bytes = usedBytes() - before;
    const ns = await timeEach(LOOK_UPS, size, async (number) => {
      if (!(await table.find(idHashOf(number)))) throw new Error(`session ${number} is gone`);
    });
    return { size, ns: ns - (await timeEach(LOOK_UPS, size, idHashOf)), bytesPerKey: bytes / size };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function routesPoint(size: number): Promise<Point> {
  const texts = Array.from({ length: size }, (_, index) =>
    index % 4 === 0 ? `/area-${index}/**` : `POST /area-${index - (index % 4)}/item-${index}/:id`,
  );
  const routes = texts.map((text) => {
    const pattern = parseRoutePattern(text);
    if (pattern === undefined) throw new Error(text);
    return { pattern, rules: { require: {} } };
  });
  const table = new RouteTable(routes);
  const pathOf = (number: number): string => `/area-${number - (number % 4)}/item-${number}/17`;
  const asked = subject === TEN_ROUTES ? Math.min(size, 10) : size;
  const ns = await timeEach(DECISIONS, asked, (number) => table.find('POST', pathOf(number)));
  return { size, ns: ns - (await timeEach(DECISIONS, asked, pathOf)) };
}

/**
 * Nanoseconds of each call, over random numbers below `size`; after as many calls that are not timed. The median of short turns: what
 * else the machine does is in some of them.
 */
async function timeEach(calls: number, size: number, call: (number: number) => unknown): Promise<number> {
  const turns: number[] = [];
  for (let turn = -TURNS; turn < TURNS; turn += 1) {
    const started = performance.now();
    for (let made = 0; made < calls / TURNS; made += 1) {
      const answer = call(Math.floor(Math.random() * size));
      if (answer instanceof Promise) await answer;
    }
    if (turn >= 0) turns.push(((performance.now() - started) * 1e6) / (calls / TURNS));
  }
  return median(turns);
}

async function fill(count: Count, size: number): Promise<void> {
  for (let number = 0; number < size; number += 1) {
    const answer = count(addressOf(number));
    if (answer instanceof Promise) await answer;
  }
}

/** An address of its own for each number below 2^24, made anew each time, as a request's is. */
function addressOf(number: number): string {
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}

function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function named<T extends { readonly name: string }>(all: readonly T[]): T {
  const found = all.find(({ name }) => name === subject);
  if (found === undefined) throw new Error(`there is no ${subject}`);
  return found;
}
