import type { DatabaseSync } from 'node:sqlite';
import type { OutboxRecord, OutboxStore } from '../ports/mail.ts';
import { allRows, change, firstRow } from './open.ts';
import { OUTBOX } from '../sql/mail.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(OUTBOX);

/** Mails that wait to be sent, in SQLite: of several processes one at a time has each. */
export class SqliteOutbox implements OutboxStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  put(mail: OutboxRecord): void {
    change(this.#sql.put, ...ROW.values(mail));
  }

  claim(now: number, until: number, limit: number): readonly OutboxRecord[] {
    // A look first: nearly always there is nothing, and nobody needs to wait for a lock.
    if (firstRow(this.#sql.isDue, now) === undefined) return [];
    return allRows(this.#sql.claim, until, now, limit).map(ROW.record);
  }

  hold(id: string, seen: number, until: number, tries: number): boolean {
    return change(this.#sql.hold, until, tries, id, seen) === 1;
  }

  remove(id: string): boolean {
    return change(this.#sql.remove, id) === 1;
  }

  count(): number {
    return Number(firstRow(this.#sql.count)?.count);
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    put: db.prepare(`INSERT INTO outbox (${ROW.columns}) VALUES (${ROW.places})`),
    isDue: db.prepare('SELECT 1 FROM outbox WHERE held_until <= ? LIMIT 1'),
    claim: db.prepare(
      `UPDATE outbox SET held_until = ?, tries = tries + 1 WHERE seq IN
         (SELECT seq FROM outbox WHERE held_until <= ? ORDER BY seq LIMIT ?) RETURNING *`,
    ),
    hold: db.prepare('UPDATE outbox SET held_until = ?, tries = ? WHERE id = ? AND held_until = ?'),
    remove: db.prepare('DELETE FROM outbox WHERE id = ?'),
    count: db.prepare('SELECT count(*) AS count FROM outbox'),
  };
}
