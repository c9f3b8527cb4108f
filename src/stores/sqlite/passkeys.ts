import type { DatabaseSync } from 'node:sqlite';
import type { PasskeyRecord, PasskeyStore, PasskeyUse } from '../ports/factors.ts';
import { allRows, change, firstRow, type Row } from './open.ts';

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
    const { credentialId, account, name } = record;
    const added = change(
      this.#sql.add,
      credentialId,
      record.publicKey,
      record.counter,
      Number(record.backupEligible),
      Number(record.backedUp),
      JSON.stringify(record.transports),
      record.aaguid,
      name,
      record.createdAt,
      record.usedAt ?? null,
      account,
      record.userHandle,
      account,
      most,
    );
    return added === 1;
  }

  find(credentialId: string): PasskeyRecord | undefined {
    const row = firstRow(this.#sql.find, credentialId);
    return row === undefined ? undefined : toRecord(row);
  }

  list(account: string): readonly PasskeyRecord[] {
    return allRows(this.#sql.list, account).map(toRecord);
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
      `INSERT INTO passkeys (credential_id, account, public_key, counter, backup_eligible, backed_up, transports,
         aaguid, name, created_at, used_at)
       SELECT ?, account, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM passkey_users WHERE account = ? AND user_handle = ?
         AND (SELECT count(*) FROM passkeys WHERE account = ?) < ?
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

// The types of the columns are promised by STRICT.
function toRecord(row: Row): PasskeyRecord {
  return {
    credentialId: row.credential_id as string,
    account: row.account as string,
    userHandle: row.user_handle as string,
    publicKey: row.public_key as string,
    counter: row.counter as number,
    backupEligible: row.backup_eligible === 1,
    backedUp: row.backed_up === 1,
    transports: JSON.parse(row.transports as string) as string[],
    aaguid: row.aaguid as string,
    name: row.name as string,
    createdAt: row.created_at as number,
    usedAt: (row.used_at as number | null) ?? undefined,
  };
}
