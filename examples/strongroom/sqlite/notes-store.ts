/** Notes in SQLite. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { MAX_NOTES, type Note, type NotesStore } from '../notes-store.ts';

interface Row {
  id: string;
  text: string;
  created_at: number;
}

/** The notes of one SQLite file. */
export class SqliteNotes implements NotesStore {
  readonly #insert: StatementSync;
  readonly #list: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync) {
    // Counted in the statement itself: a burst of requests cannot slip past the end between a count and an insert.
    this.#insert = database.prepare(
      `INSERT INTO notes (id, account, text, created_at)
       SELECT ?1, ?2, ?3, ?4 WHERE (SELECT count(*) FROM notes WHERE account = ?2) < ${MAX_NOTES}`,
    );
    this.#list = database.prepare(
      'SELECT id, text, created_at FROM notes WHERE account = ? ORDER BY created_at DESC, rowid DESC',
    );
    // The owner is part of the condition: a guessed or leaked id of someone else's note finds nothing (CWE-639).
    this.#delete = database.prepare('DELETE FROM notes WHERE id = ? AND account = ?');
  }

  create(account: string, text: string, now: number): Note | undefined {
    const id = randomUUID();
    const { changes } = this.#insert.run(id, account, text, now);
    return changes === 1 ? { id, text, createdAt: now } : undefined;
  }

  list(account: string): readonly Note[] {
    return (this.#list.all(account) as unknown as Row[]).map((row) => ({
      id: row.id,
      text: row.text,
      createdAt: row.created_at,
    }));
  }

  delete(account: string, id: string): boolean {
    return this.#delete.run(id, account).changes === 1;
  }
}
