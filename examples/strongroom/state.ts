/** Where accounts, sessions and counters are kept: the one place that chooses. */
import type { PolicyOptions, State } from 'bulwark';
import { sqlite } from 'bulwark/sqlite';
import type { Settings } from './settings.ts';

/**
 * Opens the state: accounts in PostgreSQL where there is a `DATABASE_URL`, else in the data directory; sessions and
 * counters beside them, or in Redis where there is a `REDIS_URL`.
 *
 * @throws BulwarkError ERR_BULWARK_STORE or ERR_BULWARK_STORE_DOWN where it cannot be opened
 */
export async function openState(settings: Settings): Promise<NonNullable<PolicyOptions['state']>> {
  const { redisUrl, redisDeadlineMs } = settings;
  if (redisUrl === undefined) return openAccountState(settings);
  const shared = await openRedis(redisUrl, redisDeadlineMs);
  try {
    return { shared, records: await openAccountState(settings) };
  } catch (error) {
    await shared.close();
    throw error;
  }
}

/** Opens what keeps accounts alone: all that the command line needs. */
export async function openAccountState({ databaseUrl, databaseDeadlineMs, data }: Settings): Promise<State> {
  return databaseUrl === undefined ? sqlite(data) : openPostgres(databaseUrl, databaseDeadlineMs);
}

/** Soon enough that an outage ends when Redis is back: the driver's own pause grows to seconds. */
const RECONNECT_MS = 100;
/** A connection that says nothing for so long, though it is asked each second, is dead. */
const SILENT_MS = 5000;
const PING_MS = 1000;

// Imported where it is needed, here and below: a start on SQLite loads no driver.
async function openRedis(url: string, deadlineMs: number): Promise<State> {
  const [{ redis }, { createClient }] = await Promise.all([import('bulwark/redis'), import('redis')]);
  const client = createClient({
    url,
    socket: { reconnectStrategy: RECONNECT_MS, socketTimeout: SILENT_MS },
    pingInterval: PING_MS,
  });
  // Told of by the state, once an outage; without a listener the first lost connection would end the process.
  client.on('error', () => undefined);
  void client.connect();
  try {
    const state = await redis(client, { prefix: 'strongroom:', deadlineMs });
    const close = async (): Promise<void> => {
      await state.close();
      client.destroy();
    };
    return { ...state, close };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

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
