/** Opens what the application and the command line both work with. */
import type { Passwords } from 'bulwark/passwords';
import { makePasswords } from './password-rules.ts';
import type { Records } from './records.ts';
import type { Settings } from './settings.ts';
import { openRecords } from './sqlite/database.ts';

/** Records, and what hashes passwords. */
export interface Services extends Records {
  readonly passwords: Passwords;
}

/**
 * Opens the records: in PostgreSQL where there is a `DATABASE_URL`, else in the data directory.
 *
 * @throws BulwarkError ERR_BULWARK_STORE or ERR_BULWARK_STORE_DOWN where they cannot be opened
 */
export async function openServices(settings: Settings): Promise<Services> {
  return { ...(await open(settings)), passwords: makePasswords() };
}

async function open({ databaseUrl, databaseDeadlineMs, data }: Settings): Promise<Records> {
  if (databaseUrl === undefined) return openRecords(data);
  // Imported where it is needed: a start on SQLite loads no driver.
  const postgres = await import('./postgres/database.ts');
  return postgres.openRecords(databaseUrl, databaseDeadlineMs);
}
