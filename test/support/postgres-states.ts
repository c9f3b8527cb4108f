/** PostgreSQL for the tests of one file: a server, a pool, and states in schemas of their own. */
import { after, before } from 'node:test';
import type { Pool } from 'pg';
import type { State } from '../../src/stores/ports/state.ts';
import { postgres, type PostgresOptions, type PostgresPool } from '../../src/stores/postgres/state.ts';
import { PostgresServer } from './postgres.ts';

/** No slow machine decides these tests; src/stores/postgres/outages.test.ts is about deadlines. */
const deadlineMs = 60_000;

/** What the tests of a file have, once they run. */
export interface PostgresStates {
  readonly server: PostgresServer;
  readonly url: string;
  readonly pool: Pool;
  /** A name that no test before had. */
  readonly freshSchema: () => string;
  /** A state in an empty schema, unless another is named; closed when all is over. */
  readonly open: (options?: PostgresOptions, on?: PostgresPool) => Promise<State>;
}

/** Starts and stops it around the tests of the suite in which it is called. */
export function postgresStates(prefix: string): PostgresStates {
  const opened: State[] = [];
  let made = 0;
  let server: PostgresServer;
  let url = '';
  let pool: Pool;
  before(async () => {
    server = await PostgresServer.start();
    url = await server.database();
    pool = server.pool(url);
  });
  after(async () => {
    for (const state of opened) await state.close();
    await server.stop();
  });
  const freshSchema = (): string => `${prefix}${++made}`;
  return {
    get server() {
      return server;
    },
    get url() {
      return url;
    },
    get pool() {
      return pool;
    },
    freshSchema,
    open: async (options = {}, on = pool) => {
      const state = await postgres(on, { schema: freshSchema(), deadlineMs, ...options });
      opened.push(state);
      return state;
    },
  };
}
