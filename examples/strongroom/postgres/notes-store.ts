/** Notes in PostgreSQL. */
import { randomUUID } from 'node:crypto';
import type { PostgresDatabase } from 'bulwark/postgres';
import { MAX_NOTES, type Note, type NotesStore } from '../notes-store.ts';

interface Row {
  readonly id: string;
  readonly text: string;
  /** `pg` reads a bigint as text. */
  readonly created_at: string;
}

// Counted in a row of the account's own: of a burst of requests each waits for the one before it, and none slips past
// the end. A count of the notes themselves would not see those that are just being written.
const CREATE = {
  name: 'strongroom-create-note',
  text: `WITH room AS
           (INSERT INTO strongroom.kept (account, notes) VALUES ($2, 1)
            ON CONFLICT (account) DO UPDATE SET notes = kept.notes + 1 WHERE kept.notes < ${MAX_NOTES}
            RETURNING account)
         INSERT INTO strongroom.notes (id, account, text, created_at) SELECT $1, account, $3, $4::bigint FROM room`,
};
const LIST = {
  name: 'strongroom-list-notes',
  text: `SELECT id, text, created_at FROM strongroom.notes WHERE account = $1
         ORDER BY created_at DESC, seq DESC`,
};
// The owner is part of the condition: a guessed or leaked id of someone else's note finds nothing (CWE-639).
const DELETE = {
  name: 'strongroom-delete-note',
  text: `WITH gone AS (DELETE FROM strongroom.notes WHERE id = $1 AND account = $2 RETURNING account)
         UPDATE strongroom.kept SET notes = notes - 1 FROM gone WHERE kept.account = gone.account`,
};

/** The notes of one PostgreSQL database. */
export class PostgresNotes implements NotesStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async create(account: string, text: string, now: number): Promise<Note | undefined> {
    const id = randomUUID();
    const { rowCount } = await this.#database.query({ ...CREATE, values: [id, account, text, now] });
    return rowCount === 1 ? { id, text, createdAt: now } : undefined;
  }

  async list(account: string): Promise<readonly Note[]> {
    const { rows } = await this.#database.query({ ...LIST, values: [account] });
    return (rows as readonly Row[]).map(({ id, text, created_at }) => ({
      id,
      text,
      createdAt: Number(created_at),
    }));
  }

  async delete(account: string, id: string): Promise<boolean> {
    const { rowCount } = await this.#database.query({ ...DELETE, values: [id, account] });
    return rowCount === 1;
  }
}
