import { amount, anyText, call, callback, fields, flag, made, maybe } from '../../core/call.ts';
import { checked } from '../checked.ts';
import type { State } from '../ports/state.ts';
import { PostgresAccounts } from './accounts.ts';
import { PostgresCounters } from './counters.ts';
import { PostgresFactors } from './factors.ts';
import { PostgresFiles } from './files.ts';
import { POSTGRES_STEPS } from '../sql/migrations.ts';
import { type DatabaseOptions, openPostgres } from './open.ts';
import { type PostgresPool, quoteSchema } from './pool.ts';
import { preparer } from './prepared.ts';
import { PostgresReports } from './reports.ts';
import { PostgresSessions } from './sessions.ts';

export { type DatabaseOptions, openPostgres, type PostgresDatabase } from './open.ts';
export type { PostgresClient, PostgresPool, PostgresResult, PostgresStatement } from './pool.ts';

/** How state is kept in PostgreSQL. */
export interface PostgresOptions extends DatabaseOptions {
  /** The schema of Bulwark's tables. Default `bulwark`. */
  readonly schema?: string;
  /** `false` where a pooler in between keeps no prepared statements. Default true. */
  readonly prepare?: boolean;
}

const checkPostgres = call("await postgres(pool, { schema: 'bulwark' })", {
  pool: made('a pool of pg', { query: callback, connect: callback }),
  options: fields<PostgresOptions>({
    schema: maybe(anyText),
    prepare: maybe(flag),
    deadlineMs: maybe(amount),
  }),
});

/**
 * State in PostgreSQL 14 or later: sessions, exact counters, second factors and accounts, shared by every process of the
 * network. The pool is the application's, and so is ending it.
 *
 * @throws BulwarkError ERR_BULWARK_STORE_DOWN where the database is not reachable, ERR_BULWARK_STORE where it refuses or
 * was written by a newer release, ERR_BULWARK_INVALID_OPTION where the schema's name is none
 */
export async function postgres(pool: PostgresPool, options: PostgresOptions = {}): Promise<State> {
  checkPostgres(pool, options);
  const { schema = 'bulwark', prepare = true, ...how } = options;
  const database = await openPostgres(pool, schema, POSTGRES_STEPS, how);
  const prepared = preparer(quoteSchema(schema), prepare);
  return checked({
    reach: 'network',
    sessions: new PostgresSessions(database, prepared),
    counters: new PostgresCounters(database, prepared),
    factors: new PostgresFactors(database, prepared),
    accounts: new PostgresAccounts(database, prepared),
    files: new PostgresFiles(database, prepared),
    reports: new PostgresReports(database, prepared),
    onHealth: (listener) => database.onHealth(listener),
    close: () => database.close(),
  });
}
