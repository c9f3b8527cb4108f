/** What browsers reported: how it stands in a table. */
import { CLIENT_BITS, MANY_CLIENTS, OURS, type ReportRecord } from '../ports/reports.ts';
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

/** How many of the bits for clients are set. Not every SQLite has a function for it. */
const AGREED = Array.from({ length: CLIENT_BITS }, (_, bit) => `((clients >> ${bit}) & 1)`).join(' + ');

/** Keys in the order in which groups stay where there are too many, as `keptFirst` of the port has it. */
export function keptFirst(table: string, share: string): string {
  return `SELECT key FROM (
      SELECT key, clients, last_at, agreed,
        row_number() OVER (PARTITION BY clients ORDER BY last_at DESC, key) AS place
      FROM (SELECT key, clients, last_at, ${AGREED} AS agreed FROM ${table}) AS counted
    ) AS placed ORDER BY clients < ${OURS}, agreed < ${MANY_CLIENTS} AND place > ${share}, agreed DESC, last_at DESC, key`;
}

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
