import { type ReportRecord, type ReportStore, shareOf } from '../ports/reports.ts';
import { columnsOf } from '../sql/columns.ts';
import { keptFirst, REPORT } from '../sql/reports.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { inPostgres } from './rows.ts';
import { fromStored } from './text.ts';

const ROW = inPostgres(REPORT);
const TYPES = columnsOf(REPORT)
  .map(({ name, kind }) => `${name} ${kind === 'text' ? 'text' : name === 'clients' ? 'integer' : 'bigint'}`)
  .join(', ');

/** Groups of reports in PostgreSQL. */
export class PostgresReports implements ReportStore {
  readonly #database: PostgresDatabase;
  readonly #add: Prepared;
  readonly #cut: Prepared;
  readonly #list: Prepared;
  readonly #forget: Prepared;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    // By their keys in order, so that two processes never wait for each other in a circle. A row without `xmax` is new.
    this.#add = prepare(
      `INSERT INTO @.reports AS r (${ROW.columns})
       SELECT ${ROW.columns} FROM jsonb_to_recordset($1::jsonb) AS g (${TYPES}) ORDER BY key COLLATE "C"
       ON CONFLICT (key) DO UPDATE SET count = r.count + excluded.count, clients = r.clients | excluded.clients,
         first_at = least(r.first_at, excluded.first_at), last_at = greatest(r.last_at, excluded.last_at)
       RETURNING key, (xmax = 0) AS fresh`,
    );
    this.#cut = prepare(
      // Rows that are counted through cannot be locked: they are looked up for it.
      `DELETE FROM @.reports WHERE key IN
         (SELECT key FROM @.reports WHERE key IN (${keptFirst('@.reports', '$1')} OFFSET $2) FOR UPDATE SKIP LOCKED)`,
    );
    this.#list = prepare(`SELECT ${ROW.columns} FROM @.reports AS r ORDER BY r.last_at DESC, r.key`);
    this.#forget = prepare('DELETE FROM @.reports WHERE last_at < $1');
  }

  async add(groups: readonly ReportRecord[], most: number): Promise<readonly string[]> {
    const names = ROW.columns.split(', ');
    const rows = groups.map((group) => {
      const values = ROW.values(group);
      return Object.fromEntries(names.map((name, at) => [name, values[at]]));
    });
    const { rows: added } = await this.#database.query(this.#add(JSON.stringify(rows)));
    const fresh = (added as readonly { key: string; fresh: string }[]).flatMap((row) =>
      row.fresh === 't' ? [fromStored(row.key)] : [],
    );
    if (fresh.length > 0) await this.#database.query(this.#cut(shareOf(most), most));
    return fresh;
  }

  async list(): Promise<readonly ReportRecord[]> {
    return ROW.records(await this.#database.query(this.#list()));
  }

  async forget(before: number): Promise<number> {
    return (await this.#database.query(this.#forget(before))).rowCount ?? 0;
  }
}
