import { isBuilding } from '../../core/building.ts';
import { call, name } from '../../core/call.ts';
import { join } from 'node:path';
import { checked } from '../checked.ts';
import type { State } from '../ports/state.ts';
import { SqliteAccounts } from './accounts.ts';
import { SqliteCounters } from './counters.ts';
import { SqliteFactors } from './factors.ts';
import { SqliteFiles } from './files.ts';
import { SQLITE_STEPS } from '../sql/migrations.ts';
import { openDatabase, openInMemory } from './open.ts';
import { SqliteReports } from './reports.ts';
import { SqliteSessions } from './sessions.ts';

export { openDatabase } from './open.ts';

const checkSqlite = call("sqlite('data/')", { directory: name });

/**
 * State in a file on this machine: `bulwark.db` in `directory`, shared by all its processes, kept over restarts.
 * An application's own tables go in a file of their own: see `openDatabase`.
 *
 * @throws BulwarkError ERR_BULWARK_STORE where the file cannot be opened or was written by a newer release
 */
export function sqlite(directory: string): State {
  checkSqlite(directory);
  // A build keeps nothing, and leaves no folder behind in what is deployed.
  const db = isBuilding()
    ? openInMemory(SQLITE_STEPS)
    : openDatabase(join(directory, 'bulwark.db'), SQLITE_STEPS);
  return checked({
    reach: 'machine',
    sessions: new SqliteSessions(db),
    counters: new SqliteCounters(db),
    factors: new SqliteFactors(db),
    accounts: new SqliteAccounts(db),
    files: new SqliteFiles(db),
    reports: new SqliteReports(db),
    close() {
      if (db.isOpen) db.close();
    },
  });
}
