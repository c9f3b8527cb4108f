import { BulwarkError } from '../../core/errors.ts';
import type { PasskeyRecord, PasskeyStore, PasskeyUse } from '../ports/factors.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { fromStored, toStored } from './text.ts';
import { PASSKEY } from '../sql/factors.ts';
import { inPostgres } from './rows.ts';

const ROW = inPostgres(PASSKEY);
const { userHandle: _userHandle, ...ALONE } = PASSKEY;
/** Without what stands in the row of their owner. */
const OWN = inPostgres<Omit<PasskeyRecord, 'userHandle'>>(ALONE).columns;

/** More of one account at once than this are no person with a new key in hand. */
const ATTEMPTS = 20;

/** Passkeys in PostgreSQL. */
export class PostgresPasskeys implements PasskeyStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof PasskeyStore, Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async userHandle(account: string, fresh: string): Promise<string> {
    const statement = this.#sql.userHandle(toStored(account), toStored(fresh));
    const { rows } = await this.#database.query(statement);
    const [row] = rows as readonly [{ user_handle: string }];
    return fromStored(row.user_handle);
  }

  async add(record: PasskeyRecord, most: number): Promise<boolean> {
    const statement = this.#sql.add(...ROW.values(record), most);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const { rows } = await this.#database.query(statement);
      const [row] = rows as readonly [{ added: string; free: string }];
      if (row.added === '1') return true;
      // It looked free, and another passkey got the place or the id while this one waited.
      if (row.free === '0') return false;
    }
    throw new BulwarkError('ERR_BULWARK_STORE', 'The postgres store found no place for a passkey.');
  }

  async find(credentialId: string): Promise<PasskeyRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.find(toStored(credentialId))))[0];
  }

  async list(account: string): Promise<readonly PasskeyRecord[]> {
    return ROW.records(await this.#database.query(this.#sql.list(toStored(account))));
  }

  async use(account: string, credentialId: string, use: PasskeyUse): Promise<boolean> {
    const { counter, backedUp, now } = use;
    return this.#changes(account, credentialId, this.#sql.use, counter, backedUp, now);
  }

  async rename(account: string, credentialId: string, name: string): Promise<boolean> {
    return this.#changes(account, credentialId, this.#sql.rename, toStored(name));
  }

  async remove(account: string, credentialId: string): Promise<boolean> {
    return this.#changes(account, credentialId, this.#sql.remove);
  }

  async #changes(
    account: string,
    credentialId: string,
    change: Prepared,
    ...values: readonly (string | number | boolean)[]
  ): Promise<boolean> {
    const statement = change(toStored(account), toStored(credentialId), ...values);
    return (await this.#database.query(statement)).rowCount === 1;
  }
}

const SELECT = `SELECT ${ROW.columns} FROM @.passkeys JOIN @.passkey_users USING (account)`;

function statements(prepare: Prepare): Readonly<Record<keyof PasskeyStore, Prepared>> {
  return {
    // An update that changes nothing where another process was faster, so that the row which is there is returned.
    userHandle: prepare(
      `WITH known AS (SELECT user_handle FROM @.passkey_users WHERE account = $1),
       made AS
         (INSERT INTO @.passkey_users AS u (account, user_handle)
          SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM known)
          ON CONFLICT (account) DO UPDATE SET user_handle = u.user_handle RETURNING user_handle)
       SELECT user_handle FROM known UNION ALL SELECT user_handle FROM made`,
    ),
    // The owner's row is held until the end: an account that is removed meanwhile gets none, or takes it along.
    add: prepare(
      `WITH owner AS
         (SELECT account FROM @.passkey_users WHERE account = $2 AND user_handle = $12 FOR KEY SHARE),
       taken AS (SELECT place FROM @.passkeys WHERE account = $2),
       free AS
         (SELECT place FROM owner, generate_series(1, $13::integer) AS place
          WHERE place NOT IN (SELECT place FROM taken) AND (SELECT count(*) FROM taken) < $13::integer
            AND NOT EXISTS (SELECT 1 FROM @.passkeys WHERE credential_id = $1)
          ORDER BY place LIMIT 1),
       added AS
         (INSERT INTO @.passkeys (${OWN}, place)
          SELECT $1, $2, $3, $4::bigint, $5::boolean, $6::boolean, $7, $8, $9, $10::bigint, $11::bigint, place FROM free
          ON CONFLICT DO NOTHING RETURNING 1)
       SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM free) AS free`,
    ),
    find: prepare(`${SELECT} WHERE credential_id = $1`),
    list: prepare(`${SELECT} WHERE account = $1 ORDER BY created_at, credential_id`),
    use: prepare(
      `UPDATE @.passkeys SET counter = $3::bigint, backed_up = $4, used_at = $5
       WHERE account = $1 AND credential_id = $2 AND (counter < $3::bigint OR (counter = 0 AND $3::bigint = 0))`,
    ),
    rename: prepare('UPDATE @.passkeys SET name = $3 WHERE account = $1 AND credential_id = $2'),
    remove: prepare('DELETE FROM @.passkeys WHERE account = $1 AND credential_id = $2'),
  };
}
