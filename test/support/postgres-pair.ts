/** Two statements that want one row: the first holds its lock until the second waits for it, so that no timing decides. */
import type { TestContext } from 'node:test';
import type { Pool, PoolClient } from 'pg';
import type { State } from '../../src/stores/ports/state.ts';
import { postgres } from '../../src/stores/postgres/state.ts';

const deadlineMs = 60_000;

/** Two states on the same tables. */
export interface Pair {
  /** Everything it does is in one transaction, which `commit` ends. */
  readonly first: State;
  readonly second: State;
  readonly client: PoolClient;
  readonly pool: Pool;
  readonly commit: () => Promise<void>;
}

/** Opens both, until the test is over. */
export async function openPair(t: TestContext, pool: Pool, schema: string): Promise<Pair> {
  const second = await postgres(pool, { schema, deadlineMs });
  const client = await pool.connect();
  const first = await postgres(
    { query: (statement) => client.query(statement as { text: string }), connect: () => pool.connect() },
    { schema, deadlineMs },
  );
  t.after(async () => {
    await Promise.all([first.close(), second.close()]);
    client.release(true);
  });
  return { first, second, client, pool, commit: async () => void (await client.query('COMMIT')) };
}

/** Begins the transaction of `first` with some work, starts that of `second`, and commits once it waits. */
export async function inTurn<T>(pair: Pair, hold: () => unknown, meet: () => T | Promise<T>): Promise<T> {
  await pair.client.query('BEGIN');
  await hold();
  const met = Promise.resolve(meet());
  await untilBlocked(pair);
  await pair.commit();
  return met;
}

/** Waits until another connection waits for a lock of the first one. */
async function untilBlocked({ client, pool }: Pair): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const text = 'SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))';
  while ((await pool.query(text, [rows[0]?.pid])).rowCount === 0);
}
