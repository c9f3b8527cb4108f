import type { DatabaseSync } from 'node:sqlite';
import type { PasskeyRecord, PasskeyStore, PasskeyUse } from '../ports/factors.ts';
import { allRows, change, firstRow } from './open.ts';
import { PASSKEY } from '../sql/factors.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(PASSKEY);
const { userHandle: _userHandle, ...ALONE } = PASSKEY;
/** Without what stands in the row of their owner. */
const OWN = inSqlite<Omit<PasskeyRecord, 'userHandle'>>(ALONE).columns;

/** Passkeys in SQLite. */
export class SqlitePasskeys implements PasskeyStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  userHandle(account: string, fresh: string): string {
    return firstRow(this.#sql.userHandle, account, fresh)?.user_handle as string;
  }

  add(record: PasskeyRecord, most: number): boolean {
    return change(this.#sql.add, ...ROW.values(record), most) === 1;
  }

  find(credentialId: string): PasskeyRecord | undefined {
    const row = firstRow(this.#sql.find, credentialId);
    return row === undefined ? undefined : ROW.record(row);
  }

  list(account: string): readonly PasskeyRecord[] {
    return allRows(this.#sql.list, account).map(ROW.record);
  }

  use(account: string, credentialId: string, { counter, backedUp, now }: PasskeyUse): boolean {
    const values = [counter, Number(backedUp), now, credentialId, account, counter, counter];
    return change(this.#sql.use, ...values) === 1;
  }

  rename(account: string, credentialId: string, name: string): boolean {
    return change(this.#sql.rename, name, credentialId, account) === 1;
  }

  remove(account: string, credentialId: string): boolean {
    return change(this.#sql.remove, credentialId, account) === 1;
  }

  /** Removes every passkey of an account, and what authenticators know it by. */
  removeAll(account: string): void {
    change(this.#sql.removeAll, account);
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    // An update that changes nothing, so that the row which is there is returned.
    userHandle: db.prepare(
      `INSERT INTO passkey_users (account, user_handle) VALUES (?, ?)
       ON CONFLICT (account) DO UPDATE SET user_handle = user_handle RETURNING user_handle`,
    ),
    add: db.prepare(
      `WITH fresh (${ROW.columns}) AS (VALUES (${ROW.places}))
       INSERT INTO passkeys (${OWN}) SELECT ${OWN} FROM fresh
       WHERE (account, user_handle) IN (SELECT account, user_handle FROM passkey_users)
         AND (SELECT count(*) FROM passkeys AS p WHERE p.account = fresh.account) < ?
       ON CONFLICT DO NOTHING`,
    ),
    find: db.prepare('SELECT * FROM passkeys JOIN passkey_users USING (account) WHERE credential_id = ?'),
    list: db.prepare(
      `SELECT * FROM passkeys JOIN passkey_users USING (account) WHERE account = ? ORDER BY created_at, credential_id`,
    ),
    use: db.prepare(
      `UPDATE passkeys SET counter = ?, backed_up = ?, used_at = ?
       WHERE credential_id = ? AND account = ? AND (counter < ? OR (counter = 0 AND ? = 0))`,
    ),
    rename: db.prepare('UPDATE passkeys SET name = ? WHERE credential_id = ? AND account = ?'),
    remove: db.prepare('DELETE FROM passkeys WHERE credential_id = ? AND account = ?'),
    removeAll: db.prepare('DELETE FROM passkey_users WHERE account = ?'),
  };
}
