import type { DatabaseSync } from 'node:sqlite';
import { BulwarkError } from '../../core/errors.ts';

/**
 * Brings a database to the newest version. Two processes that start at once are fine: one does it, the other waits
 * and finds it done.
 *
 * @throws BulwarkError ERR_BULWARK_STORE where the file was written by a newer release
 */
export function migrate(db: DatabaseSync, steps: readonly string[]): void {
  if (readVersion(db) === steps.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    const version = readVersion(db);
    if (version > steps.length) throw tooNew(version, steps.length);
    for (const step of steps.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${steps.length}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function readVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}

function tooNew(found: number, known: number): BulwarkError {
  return new BulwarkError(
    'ERR_BULWARK_STORE',
    `The database has schema version ${found}, and this release knows ${known}. ` +
      'Start the release that wrote it, or put back the copy made before the upgrade.',
  );
}
