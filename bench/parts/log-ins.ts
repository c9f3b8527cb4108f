/** `bench log-ins`: how long a page takes while log-ins saturate the hashing of passwords. */
import { SERVER_CORE } from '../load/cores.ts';
import { makeLogIns, makeVisits } from '../load/load.ts';
import { startServer } from '../load/server-process.ts';
import { Progress } from '../report/progress.ts';
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

const SECONDS = 8;
const QUICK_SECONDS = 3;
/** Until the queue is full. */
const HEAD_START_MS = 1000;

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

async function runSite(stack: Stack, seconds: number): Promise<LogInsRow> {
  const server = await startServer({ stack, store: 'memory' }, SERVER_CORE);
  try {
    const page = { port: server.port, path: '/', cookie: '' };
    await makeVisits(page, 1);
    const quiet = await makeVisits(page, seconds);
    const logIns = makeLogIns({ ...page, path: '/log-in' }, seconds + 2);
    await new Promise((resolve) => {
      setTimeout(resolve, HEAD_START_MS);
    });
    const busy = await makeVisits(page, seconds);
    return {
      stack: stack.name,
      quietP50: quiet.p50,
      quietP99: quiet.p99,
      busyP50: busy.p50,
      busyP99: busy.p99,
      hashesPerSecond: await logIns,
    };
  } finally {
    await server.stop();
  }
}
