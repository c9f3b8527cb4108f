/** What browsers reported: how it stands in a table. */
import type { ReportRecord } from '../ports/reports.ts';
import type { Fields } from './columns.ts';
import type { Migration } from './migration.ts';

export const REPORT: Fields<ReportRecord> = {
  key: 'text',
  version: 'text',
  kind: 'text',
  facts: 'text',
  count: 'number',
  clients: 'number',
  firstAt: 'number',
  lastAt: 'number',
};

/** In this order they stay where there are too many: those of one client come last. */
export const KEPT_FIRST = '(clients & (clients - 1) = 0), last_at DESC, key';

export const REPORT_TABLE: Migration = {
  sqlite: `CREATE TABLE reports (
     key      TEXT PRIMARY KEY,
     version  TEXT NOT NULL,
     kind     TEXT NOT NULL,
     facts    TEXT NOT NULL,
     count    INTEGER NOT NULL,
     clients  INTEGER NOT NULL,
     first_at INTEGER NOT NULL,
     last_at  INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  postgres: `CREATE TABLE reports (
     key      text COLLATE "C" PRIMARY KEY,
     version  text COLLATE "C" NOT NULL,
     kind     text COLLATE "C" NOT NULL,
     facts    text NOT NULL,
     count    bigint NOT NULL,
     clients  integer NOT NULL,
     first_at bigint NOT NULL,
     last_at  bigint NOT NULL
   );`,
};
