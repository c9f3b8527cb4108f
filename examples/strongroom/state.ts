/** Where sessions and counters are kept: the one place that chooses. */
import type { State } from 'bulwark';
import { sqlite } from 'bulwark/sqlite';
import type { Settings } from './settings.ts';

/**
 * Opens the state: in PostgreSQL where there is a `DATABASE_URL`, else in the data directory.
 *
 * @throws BulwarkError ERR_BULWARK_STORE or ERR_BULWARK_STORE_DOWN where it cannot be opened
 */
export async function openState({ databaseUrl, databaseDeadlineMs, data }: Settings): Promise<State> {
  return databaseUrl === undefined ? sqlite(data) : openPostgres(databaseUrl, databaseDeadlineMs);
}

// Imported where it is needed: a start on SQLite loads no driver.
async function openPostgres(url: string, deadlineMs: number): Promise<State> {
  const [{ postgres }, { openPool }] = await Promise.all([
    import('bulwark/postgres'),
    import('./postgres/pool.ts'),
  ]);
  const pool = openPool(url);
  try {
    const state = await postgres(pool, { deadlineMs });
    const close = async (): Promise<void> => {
      await state.close();
      await pool.end();
    };
    return { ...state, close };
  } catch (error) {
    await pool.end();
    throw error;
  }
}
