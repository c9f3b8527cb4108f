import type { ActRequestRecord, ActRequestStore } from '../ports/act-requests.ts';
import { ACT_REQUEST } from '../sql/act-requests.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { inPostgres } from './rows.ts';
import { toStored } from './text.ts';

const ROW = inPostgres(ACT_REQUEST);

/** Acts that wait, in PostgreSQL. */
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

  async find(act: string, id: string, now: number): Promise<ActRequestRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.find(toStored(act), toStored(id), now)))[0];
  }

  async about(act: string, account: string, now: number): Promise<ActRequestRecord | undefined> {
    const asked = this.#sql.about(toStored(act), toStored(account), now);
    return ROW.records(await this.#database.query(asked))[0];
  }

  async take(act: string, id: string, by: string, now: number): Promise<ActRequestRecord | undefined> {
    const taken = this.#sql.take(toStored(act), toStored(id), toStored(by), now);
    return ROW.records(await this.#database.query(taken))[0];
  }

  async replace(id: string, askedAt: number, record: ActRequestRecord, now: number): Promise<boolean> {
    const replaced = this.#sql.replace(...ROW.values(record), toStored(id), askedAt, now);
    return (await this.#database.query(replaced)).rowCount === 1;
  }

  async remove(act: string, id: string): Promise<boolean> {
    return (await this.#database.query(this.#sql.remove(toStored(act), toStored(id)))).rowCount === 1;
  }

  async list(
    act: string,
    after: string | undefined,
    limit: number,
    now: number,
  ): Promise<readonly ActRequestRecord[]> {
    const from = after === undefined ? null : toStored(after);
    return ROW.records(await this.#database.query(this.#sql.list(toStored(act), from, now, limit)));
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
    find: prepare(`SELECT ${ROW.columns} FROM @.act_requests WHERE act = $1 AND id = $2 AND expires_at > $3`),
    about: prepare(
      `SELECT ${ROW.columns} FROM @.act_requests WHERE act = $1 AND account = $2 AND expires_at > $3`,
    ),
    take: prepare(
      `DELETE FROM @.act_requests
       WHERE act = $1 AND id = $2 AND asked_by <> $3 AND expires_at > $4 RETURNING ${ROW.columns}`,
    ),
    replace: prepare(
      `UPDATE @.act_requests SET (${ROW.columns}) = ($1, $2, $3, $4, $5, $6::bigint, $7::bigint)
       WHERE id = $8 AND act = $2 AND account = $3 AND asked_at = $9::bigint AND expires_at > $10::bigint`,
    ),
    remove: prepare('DELETE FROM @.act_requests WHERE act = $1 AND id = $2'),
    list: prepare(
      `SELECT ${ROW.columns} FROM @.act_requests
       WHERE act = $1 AND id > coalesce($2::text, '') AND expires_at > $3 ORDER BY id LIMIT $4`,
    ),
  };
}
