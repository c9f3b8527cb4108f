import type { ActRequestRecord, ActRequestStore } from '../ports/act-requests.ts';
import { ACT_REQUEST } from '../sql/act-requests.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { inPostgres } from './rows.ts';
import { toStored } from './text.ts';

const ROW = inPostgres(ACT_REQUEST);

/** Acts that wait for a second operator, in PostgreSQL. */
export class PostgresActRequests implements ActRequestStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof ActRequestStore, Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async ask(record: ActRequestRecord, now: number): Promise<boolean> {
    return (await this.#database.query(this.#sql.ask(...ROW.values(record), now))).rowCount === 1;
  }

  async find(id: string, now: number): Promise<ActRequestRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.find(toStored(id), now)))[0];
  }

  async take(id: string, by: string, now: number): Promise<ActRequestRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.take(toStored(id), toStored(by), now)))[0];
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#database.query(this.#sql.remove(toStored(id)))).rowCount === 1;
  }

  async list(after: string | undefined, limit: number, now: number): Promise<readonly ActRequestRecord[]> {
    const from = after === undefined ? null : toStored(after);
    return ROW.records(await this.#database.query(this.#sql.list(from, now, limit)));
  }
}

function statements(prepare: Prepare): Readonly<Record<keyof ActRequestStore, Prepared>> {
  const set = ROW.columns.split(', ').map((column) => `${column} = excluded.${column}`);
  return {
    // The row of the account is held until the end: one that is removed meanwhile gets none, or takes it along.
    ask: prepare(
      `INSERT INTO @.act_requests AS waiting (${ROW.columns})
       SELECT $1, $2, id, $4, $5, $6::bigint, $7::bigint FROM @.accounts WHERE id = $3 FOR KEY SHARE
       ON CONFLICT (account, act) DO UPDATE SET ${set.join(', ')} WHERE waiting.expires_at <= $8::bigint`,
    ),
    find: prepare(`SELECT ${ROW.columns} FROM @.act_requests WHERE id = $1 AND expires_at > $2`),
    take: prepare(
      `DELETE FROM @.act_requests WHERE id = $1 AND asked_by <> $2 AND expires_at > $3 RETURNING ${ROW.columns}`,
    ),
    remove: prepare('DELETE FROM @.act_requests WHERE id = $1'),
    list: prepare(
      `SELECT ${ROW.columns} FROM @.act_requests
       WHERE ($1::text IS NULL OR id > $1) AND expires_at > $2 ORDER BY id LIMIT $3`,
    ),
  };
}
