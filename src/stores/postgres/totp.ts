import type { PendingTotp, TotpRecord, TotpStore } from '../ports/factors.ts';
import { PENDING, PENDING_TOTP, TOTP } from '../sql/factors.ts';
import type { PostgresDatabase } from './open.ts';
import type { PostgresResult } from './pool.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { inPostgres, type Row } from './rows.ts';
import { fromStored, toStored } from './text.ts';

const ACTIVE = inPostgres(TOTP);
const WAITING = inPostgres(PENDING_TOTP, PENDING);

/** Authenticator apps in PostgreSQL. Each change is one statement: of two processes that want the same, one gets it. */
export class PostgresTotp implements TotpStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof TotpStore | 'first', Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async find(account: string): Promise<TotpRecord | undefined> {
    // Half a surrogate pair would turn into U+FFFD on its way, and so into another account.
    return recordsOf(await this.#database.query(this.#sql.find(toStored(account))))[0];
  }

  async putPending(account: string, pending: PendingTotp): Promise<void> {
    await this.#database.query(this.#sql.putPending(...WAITING.values(pending), toStored(account)));
  }

  async confirm(account: string, id: string, step: number, now: number): Promise<boolean> {
    return this.#changes(this.#sql.confirm(toStored(account), toStored(id), step, now));
  }

  async use(account: string, id: string, step: number, now: number): Promise<boolean> {
    return this.#changes(this.#sql.use(toStored(account), toStored(id), step, now));
  }

  async reseal(account: string, id: string, sealed: string, resealed: string): Promise<boolean> {
    const values = [account, id, sealed, resealed].map(toStored);
    return this.#changes(this.#sql.reseal(...values));
  }

  async remove(account: string): Promise<boolean> {
    const { rows } = await this.#database.query(this.#sql.remove(toStored(account)));
    return (rows as readonly { counted: string }[])[0]?.counted === 't';
  }

  async after(account: string | undefined, limit: number): Promise<readonly TotpRecord[]> {
    const statement =
      account === undefined ? this.#sql.first(limit) : this.#sql.after(toStored(account), limit);
    return recordsOf(await this.#database.bulk(statement));
  }

  async #changes(statement: ReturnType<Prepared>): Promise<boolean> {
    return (await this.#database.query(statement)).rowCount === 1;
  }
}

const COLUMNS = `account, ${ACTIVE.columns}, ${WAITING.columns}`;

function statements(prepare: Prepare): Readonly<Record<keyof TotpStore | 'first', Prepared>> {
  return {
    find: prepare(`SELECT ${COLUMNS} FROM @.totp WHERE account = $1`),
    putPending: prepare(
      `INSERT INTO @.totp (${WAITING.columns}, account) VALUES (${WAITING.places}, $4)
       ON CONFLICT (account) DO UPDATE SET pending_id = excluded.pending_id,
         pending_sealed = excluded.pending_sealed, pending_expires_at = excluded.pending_expires_at`,
    ),
    confirm: prepare(
      `UPDATE @.totp SET id = pending_id, sealed = pending_sealed, last_step = $3::bigint,
         confirmed_at = $4::bigint, used_at = $4::bigint,
         pending_id = NULL, pending_sealed = NULL, pending_expires_at = NULL
       WHERE account = $1 AND pending_id = $2 AND pending_expires_at > $4::bigint`,
    ),
    use: prepare(
      `UPDATE @.totp SET last_step = $3::bigint, used_at = $4
       WHERE account = $1 AND id = $2 AND last_step < $3::bigint`,
    ),
    reseal: prepare('UPDATE @.totp SET sealed = $4 WHERE account = $1 AND id = $2 AND sealed = $3'),
    remove: prepare('DELETE FROM @.totp WHERE account = $1 RETURNING id IS NOT NULL AS counted'),
    first: prepare(`SELECT ${COLUMNS} FROM @.totp WHERE id IS NOT NULL ORDER BY account LIMIT $1`),
    after: prepare(
      `SELECT ${COLUMNS} FROM @.totp WHERE id IS NOT NULL AND account > $1 ORDER BY account LIMIT $2`,
    ),
  };
}

// Columns of one form are set together: without an id there is none.
function recordsOf({ rows }: PostgresResult): readonly TotpRecord[] {
  return (rows as readonly Row[]).map((row) => ({
    account: fromStored(row['account'] ?? ''),
    active: row['id'] === null ? undefined : ACTIVE.record(row),
    pending: row['pending_id'] === null ? undefined : WAITING.record(row),
  }));
}
