import type { OutboxRecord, OutboxStore } from '../ports/mail.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { toStored } from './text.ts';
import { OUTBOX } from '../sql/mail.ts';
import { inPostgres, type Value } from './rows.ts';

const ROW = inPostgres(OUTBOX);

/** Mails that wait to be sent, in PostgreSQL: of several processes one at a time has each. */
export class PostgresOutbox implements OutboxStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof OutboxStore, Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async put(mail: OutboxRecord): Promise<void> {
    await this.#database.query(this.#sql.put(...outboxValues(mail)));
  }

  async claim(now: number, until: number, limit: number): Promise<readonly OutboxRecord[]> {
    return ROW.records(await this.#database.bulk(this.#sql.claim(now, until, limit)));
  }

  async hold(id: string, seen: number, until: number, tries: number): Promise<boolean> {
    return (await this.#database.query(this.#sql.hold(toStored(id), seen, until, tries))).rowCount === 1;
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#database.query(this.#sql.remove(toStored(id)))).rowCount === 1;
  }

  async count(): Promise<number> {
    const { rows } = await this.#database.bulk(this.#sql.count());
    const [row] = rows as readonly { count: string }[];
    return Number(row?.count);
  }
}

/** The columns of a mail, for statements that keep one beside something else. */
export const OUTBOX_COLUMNS: string = ROW.columns;

/** The values of a mail, in the order of {@link OUTBOX_COLUMNS}; none where there is no mail. */
export function outboxValues(mail: OutboxRecord | undefined): readonly Value[] {
  return mail === undefined ? Object.keys(OUTBOX).map(() => null) : ROW.values(mail);
}

function statements(prepare: Prepare): Readonly<Record<keyof OutboxStore, Prepared>> {
  return {
    put: prepare(`INSERT INTO @.outbox (${OUTBOX_COLUMNS}) VALUES (${ROW.places})`),
    // Rows that someone else is about to hold are theirs.
    claim: prepare(
      `UPDATE @.outbox SET held_until = $2, tries = tries + 1 WHERE id IN
         (SELECT id FROM @.outbox WHERE held_until <= $1 ORDER BY seq LIMIT $3 FOR UPDATE SKIP LOCKED)
       RETURNING ${OUTBOX_COLUMNS}`,
    ),
    hold: prepare(
      'UPDATE @.outbox SET held_until = $3::bigint, tries = $4 WHERE id = $1 AND held_until = $2::bigint',
    ),
    remove: prepare('DELETE FROM @.outbox WHERE id = $1'),
    count: prepare('SELECT count(*) AS count FROM @.outbox'),
  };
}
