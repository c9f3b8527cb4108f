/** The stacks as tables: one for each scenario. */
import type { Figure, Row } from './summary.ts';
import { show, type Table } from './table.ts';

const HEAD = [
  'stack',
  'requests/s',
  'kept',
  'p50 ms',
  'p99 ms',
  'CPU us',
  'added us',
  'range',
  'of peers',
  'of cheapest',
  'Redis trips',
  'head bytes',
];

/** All rows of one scenario. */
export function stacksTable(rows: readonly Row[], scenario: string): Table {
  const own = rows.filter((row) => row.scenario === scenario);
  return { head: HEAD, rows: own.map(cells) };
}

function cells(row: Row): string[] {
  return [
    `${row.stack} (${row.kind === 'bare' ? 'no state' : row.store})`,
    show(row.requestsPerSecond.best, 0),
    show(row.kept, 2),
    show(row.p50, 2),
    show(row.p99, 2),
    show(row.cpu.best),
    show(row.added?.best),
    range(row.added),
    show(row.ofPeers, 2),
    show(row.ofCheapest, 2),
    show(row.tripsPerRequest),
    row.scenario.startsWith('page') ? show(row.pageHeadBytes, 0) : '-',
  ];
}

function range(figure: Figure | undefined): string {
  return figure === undefined ? '-' : `${show(figure.lowest, 0)} to ${show(figure.highest, 0)}`;
}
