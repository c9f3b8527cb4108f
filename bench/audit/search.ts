/**
 * `npm run bench -- audit --search N`: pages of an index of N events beside those of one of 10,000, by each of its keys, and a
 * page in the middle. The rows are made by SQLite itself: a log of ten million would take longer to write than to search.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventIndex } from '../../src/audit/index/event-index.ts';
import type { EventQuery } from '../../src/audit/reading/event-filter.ts';

const SMALL = 10_000;
const PAGE = 50;
const TIMES = 101;
const START = Date.UTC(2026, 0, 1);

/** By what is asked, so that both indexes have a whole page of it. */
const QUERIES: Readonly<Record<string, EventQuery>> = {
  'all events': {},
  'of an account': { account: 'user7' },
  'from an address': { client: '192.0.2.7' },
  'of a name': { event: 'authz_fail' },
  critical: { level: 'critical' },
  'of a guard, by level': { guard: 'access', level: 'warn' },
  'within an hour': {
    since: new Date(START).toISOString(),
    until: new Date(START + 3_600_000).toISOString(),
  },
};

/** Microseconds of a query in both, and of the page in the middle of the large one. */
export interface SearchFigures {
  readonly query: string;
  readonly small: number;
  readonly large: number;
}

/** Measures, and says what came of it. */
export function measureSearch(records: number): readonly SearchFigures[] {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-bench-search-'));
  try {
    const [small, large] = [make(join(folder, 'small.db'), SMALL), make(join(folder, 'large.db'), records)];
    const megabytes = Math.round(statSync(join(folder, 'large.db')).size / 1_048_576);
    console.error(`${records} events in ${megabytes} MB`);
    const figures = Object.entries(QUERIES).map(([query, asked]) => ({
      query,
      small: median(small, asked),
      large: median(large, asked),
    }));
    const middle = `${START + Math.floor(records / 2)}.${Math.floor(records / 2)}`;
    const inMiddle = {
      query: 'a page in the middle',
      small: median(small, {}),
      large: median(large, {}, middle),
    };
    small.close();
    large.close();
    return [...figures, inMiddle];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function showSearch(figures: readonly SearchFigures[], records: number): string {
  const rows = figures.map(
    ({ query, small, large }) =>
      `${query.padEnd(24)} ${small.toFixed(0).padStart(8)} us ${large.toFixed(0).padStart(8)} us   ${(large / small).toFixed(2)} (at most 20)`,
  );
  return [`first page of ${PAGE}`.padEnd(24) + `   ${SMALL} events   ${records} events`, ...rows].join('\n');
}

/** Indexes are made behind the rows, as sorted ones are. */
function make(path: string, records: number): EventIndex {
  new EventIndex(path).close();
  const database = new DatabaseSync(path);
  const names = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE 'event%'")
    .all();
  for (const { name } of names) database.exec(`DROP INDEX ${String(name)}`);
  database.exec('PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -200000');
  database
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)
       INSERT INTO event SELECT i, ? + i, iif(i % 2, 'authz_fail', 'authn_login_fail'), iif(i % 100, 'warn', 'critical'), 'failure',
         'user' || (i * 7919 % 150), '192.0.2.' || (i * 104729 % 150), 'r' || i, 's' || (i / 20), 'access',
         '{"time":"2026-01-01T00:00:00.000Z","level":"warn","event":"authz_fail","outcome":"failure","service":"app","requestId":"r' || i ||
         '","client":"192.0.2.7","method":"GET","path":"/files/17","account":"user7","status":403,"guard":"access","mode":"enforce","details":{"needs":"role"},"chain":"AAAAAAAAAAAA","seq":' ||
         i || ',"hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}' FROM n`,
    )
    .run(records, START);
  database.close();
  return new EventIndex(path);
}

function median(index: EventIndex, query: EventQuery, after?: string): number {
  const times = Array.from({ length: TIMES }, () => {
    const began = performance.now();
    index.page(query, PAGE, after);
    return (performance.now() - began) * 1000;
  }).toSorted((one, other) => one - other);
  return times[(TIMES - 1) / 2] ?? 0;
}
