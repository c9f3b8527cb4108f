/** Where notes are kept: the one place that chooses. */
import type { Records } from './records.ts';
import type { Settings } from './settings.ts';
import { openRecords as openSqlite } from './sqlite/database.ts';

/**
 * Opens the records: in PostgreSQL where there is a `DATABASE_URL`, else in the data directory.
 *
 * @throws BulwarkError ERR_BULWARK_STORE or ERR_BULWARK_STORE_DOWN where they cannot be opened
 */
export async function openRecords({ databaseUrl, databaseDeadlineMs, data }: Settings): Promise<Records> {
  if (databaseUrl === undefined) return openSqlite(data);
  // Imported where it is needed: a start on SQLite loads no driver.
  const postgres = await import('./postgres/database.ts');
  return postgres.openRecords(databaseUrl, databaseDeadlineMs);
}
