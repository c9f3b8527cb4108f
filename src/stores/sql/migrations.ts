/** The schema of every engine that speaks SQL, one step a version. */
import { ACCOUNT_TABLES, KNOWN_BROWSER_NAME, TOKEN_KEY } from './accounts.ts';
import { ACT_REQUEST_ORDER, ACT_REQUEST_TABLE } from './act-requests.ts';
import { FACTOR_TABLES } from './factors.ts';
import { FILE_ENDS, FILE_PARTS, FILE_TABLES } from './files.ts';
import { OUTBOX_TABLE } from './mail.ts';
import type { Migration } from './migration.ts';
import { REPORT_TABLE } from './reports.ts';
import { STAY_TABLE } from './stays.ts';
import { REPLACED_TABLE, SESSION_DEVICE, SESSION_ROOM, SESSION_TABLES } from './sessions.ts';

/** Databases are counted by their place in this list, so that steps that were released are never changed or moved: add one. */
const MIGRATIONS: readonly Migration[] = [
  SESSION_TABLES,
  FACTOR_TABLES,
  ACCOUNT_TABLES,
  REPLACED_TABLE,
  OUTBOX_TABLE,
  FILE_TABLES,
  FILE_ENDS,
  REPORT_TABLE,
  FILE_PARTS,
  ACT_REQUEST_TABLE,
  SESSION_DEVICE,
  SESSION_ROOM,
  TOKEN_KEY,
  STAY_TABLE,
  KNOWN_BROWSER_NAME,
  ACT_REQUEST_ORDER,
];

export const SQLITE_STEPS: readonly string[] = MIGRATIONS.map(({ sqlite }) => sqlite);
export const POSTGRES_STEPS: readonly string[] = MIGRATIONS.map(({ postgres }) => postgres);
