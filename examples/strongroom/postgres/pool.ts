/** Connections to PostgreSQL, with an end to everything that could go on for ever. */
import { Pool } from 'pg';

/**
 * Makes a pool. Sessions and records have one each: a slow page about records keeps no session waiting.
 *
 * @param url - a connection string, `postgres://user:password@host:5432/name`
 */
export function openPool(url: string): Pool {
  return new Pool({
    connectionString: url,
    application_name: 'strongroom',
    // PostgreSQL takes 100 in all unless it is told otherwise: four processes of two pools, and room for an operator.
    max: 10,
    connectionTimeoutMillis: 2000,
    idleTimeoutMillis: 30_000,
    // Ends on the server what nobody waits for any more.
    statement_timeout: 5000,
    keepAlive: true,
    // A start that fails, or a command that is done, waits for no idle connection.
    allowExitOnIdle: true,
  });
}
