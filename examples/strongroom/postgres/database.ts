/** Strongroom's own records in PostgreSQL, in a schema beside Bulwark's. */
import { openPostgres } from 'bulwark/postgres';
import { MAX_NOTES } from '../notes-store.ts';
import type { Records } from '../records.ts';
import { PostgresNotes } from './notes-store.ts';
import { openPool } from './pool.ts';

const SCHEMA = `
  CREATE TABLE kept (
    account text PRIMARY KEY,
    notes   integer NOT NULL CHECK (notes BETWEEN 0 AND ${MAX_NOTES})
  );

  CREATE TABLE notes (
    id         text PRIMARY KEY,
    seq        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    account    text NOT NULL,
    text       text NOT NULL,
    created_at bigint NOT NULL
  );

  CREATE INDEX notes_by_account ON notes (account, created_at, seq);
`;

/**
 * Opens the schema `strongroom`, and makes it where it is missing.
 *
 * @param url - a connection string, `postgres://user:password@host:5432/name`
 * @param deadlineMs - how long a page waits for it
 * @throws BulwarkError ERR_BULWARK_STORE_DOWN where the database is not reachable, ERR_BULWARK_STORE where it refuses
 */
export async function openRecords(url: string, deadlineMs: number): Promise<Records> {
  const pool = openPool(url);
  try {
    const database = await openPostgres(pool, 'strongroom', [SCHEMA], { deadlineMs });
    return {
      notes: new PostgresNotes(database),
      close: async () => {
        database.close();
        await pool.end();
      },
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}
