/** `bench log-ins`: how long a page takes while log-ins saturate the hashing of passwords. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_CORE } from '../load/cores.ts';
import { type LoadResult, makeLogIns, makeVisits } from '../load/load.ts';
import { startServer } from '../load/server-process.ts';
import { Progress } from '../report/progress.ts';
import { median } from '../report/summary.ts';
import { plainTable, show, type Table } from '../report/table.ts';
import { LOG_IN_STACKS } from '../stacks/all.ts';
import type { Stack } from '../stacks/stack.ts';

/** One site. Milliseconds. */
export interface LogInsRow {
  readonly stack: string;
  readonly quietP50: number;
  readonly quietP99: number;
  readonly busyP50: number;
  readonly busyP99: number;
  readonly hashesPerSecond: number;
}

const ROUNDS = 3;
const SECONDS = 3;
const QUICK_SECONDS = 1;
/** Until the queue is full. */
const HEAD_START_MS = 1000;
/** Until it is empty. */
const DRAIN_MS = 2000;

/**
 * Visits each site in peace, and then under log-ins. Its process is held to one core, hashing included: on two cores
 * hashing would compete with the load, and what is measured would be how long the load waits.
 */
export async function runLogIns(quick: boolean): Promise<readonly LogInsRow[]> {
  const progress = new Progress('log-ins');
  const rows: LogInsRow[] = [];
  for (const [index, stack] of LOG_IN_STACKS.entries()) {
    progress.report(index, LOG_IN_STACKS.length);
    rows.push(await runSite(stack, quick ? QUICK_SECONDS : SECONDS));
  }
  progress.report(LOG_IN_STACKS.length, LOG_IN_STACKS.length);
  return rows;
}

/** The figures as a table. */
export function logInsTable(rows: readonly LogInsRow[]): Table {
  return {
    head: ['site', 'quiet p50 ms', 'quiet p99 ms', 'busy p50 ms', 'busy p99 ms', 'p99 times', 'hashes/s'],
    rows: rows.map((row) => [
      row.stack,
      ...[row.quietP50, row.quietP99, row.busyP50, row.busyP99].map((ms) => show(ms, 2)),
      show(row.busyP99 / row.quietP99),
      show(row.hashesPerSecond, 0),
    ]),
  };
}

/** The figures as a person reads them. */
export function showLogIns(rows: readonly LogInsRow[]): string {
  return `GET / while log-ins saturate the hashing\n\n${plainTable(logInsTable(rows))}`;
}

/** Peace and log-ins take turns, and the median of each counts: one hiccup of the machine is no p99. */
async function runSite(stack: Stack, seconds: number): Promise<LogInsRow> {
  const server = await startServer({ stack, store: 'memory' }, SERVER_CORE);
  try {
    const page = { port: server.port, path: '/', cookie: '' };
    await makeVisits(page, 1);
    const quiet: LoadResult[] = [];
    const busy: LoadResult[] = [];
    const hashes: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      quiet.push(await makeVisits(page, seconds));
      // They last longer than the visits, and what still waits when they end is hashed before the next round.
      const logIns = makeLogIns({ ...page, path: '/log-in' }, seconds + 2);
      await sleep(HEAD_START_MS);
      busy.push(await makeVisits(page, seconds));
      hashes.push(await logIns);
      await sleep(DRAIN_MS);
    }
    return {
      stack: stack.name,
      quietP50: median(quiet.map(({ p50 }) => p50)),
      quietP99: median(quiet.map(({ p99 }) => p99)),
      busyP50: median(busy.map(({ p50 }) => p50)),
      busyP99: median(busy.map(({ p99 }) => p99)),
      hashesPerSecond: median(hashes),
    };
  } finally {
    await server.stop();
  }
}
