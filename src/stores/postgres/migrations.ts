import { createHash } from 'node:crypto';
import { BulwarkError } from '../../core/errors.ts';
import { type PostgresClient, quoteSchema } from './pool.ts';
import { AS_TEXT } from './prepared.ts';
import { isTooLate } from './failures.ts';
import { within } from '../within.ts';

/** How long a look at the schema may take, and how long a process waits for another one that brings it up to date. */
export interface MigrationBounds {
  readonly lookMs: number;
  readonly turnMs: number;
}

const BOUNDS: MigrationBounds = { lookMs: 10_000, turnMs: 120_000 };

/**
 * Brings a schema to the newest version, and makes it where it is missing. Many processes that start at once are
 * fine: one does it, the others wait and find it done. A schema that is new enough is only read.
 *
 * @throws BulwarkError ERR_BULWARK_STORE where the schema was written by a newer release, ERR_BULWARK_STORE_DOWN where
 * nothing answers, or the process that brings it up to date does not come to an end
 */
export async function migrate(
  client: PostgresClient,
  schema: string,
  steps: readonly string[],
  { lookMs, turnMs }: MigrationBounds = BOUNDS,
): Promise<void> {
  if (await within(lookMs, isNewest(client, schema, steps), () => silent(lookMs))) return;
  // Waiting for another process and changing large tables may take longer than any statement of a request. What the
  // other process did while this one waited must be seen, whatever isolation the database is set to.
  await client.query({
    text: `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0;
      SET LOCAL lock_timeout = ${Math.ceil(turnMs)}; SET LOCAL idle_in_transaction_session_timeout = 0`,
  });
  try {
    // Ends with the transaction, and so with the process: one that dies in the middle holds nobody up.
    const turn = client.query({ text: 'SELECT pg_advisory_xact_lock($1)', values: [lockOf(schema)] });
    // The server's own bound comes first, unless it has stopped.
    await within(turnMs + lookMs, turn, () => stuck(schema, turnMs)).catch((error: unknown) => {
      throw isTooLate(error) ? stuck(schema, turnMs) : error;
    });
    await client.query({ text: 'SET LOCAL lock_timeout = 0' });
    await climb(client, schema, steps);
    await client.query({ text: 'COMMIT' });
  } catch (error) {
    // A connection that is gone has rolled back by itself; the first error is the one to tell. One that is silent rolls
    // back as it is ended.
    const undone = client.query({ text: 'ROLLBACK' }).catch(() => undefined);
    await within(lookMs, undone, () => silent(lookMs)).catch(() => undefined);
    throw error;
  }
}

async function isNewest(client: PostgresClient, schema: string, steps: readonly string[]): Promise<boolean> {
  await assertUnicode(client);
  return (await readVersion(client, schema)) === steps.length;
}

/** Runs the steps that the schema has not seen, with the lock held. */
async function climb(client: PostgresClient, schema: string, steps: readonly string[]): Promise<void> {
  const version = await readVersion(client, schema);
  if (version > steps.length) throw tooNew(schema, version, steps.length);
  const name = quoteSchema(schema);
  // Asked for first: CREATE SCHEMA IF NOT EXISTS is refused to a role that may not make one, even where it is there.
  const found = { text: 'SELECT 1 FROM pg_namespace WHERE nspname = $1', values: [schema] };
  if ((await client.query(found)).rowCount === 0) await client.query({ text: `CREATE SCHEMA ${name}` });
  await client.query({
    text: `CREATE TABLE IF NOT EXISTS ${name}.schema_version (version integer NOT NULL);
      SET LOCAL search_path = ${name}`,
  });
  for (const step of steps.slice(version)) await client.query({ text: step });
  await client.query({
    text: `DELETE FROM ${name}.schema_version; INSERT INTO ${name}.schema_version VALUES (${steps.length})`,
  });
}

// In any other encoding a name that cannot be written would be refused, at a sign-in some day.
async function assertUnicode(client: PostgresClient): Promise<void> {
  const text = "SELECT current_setting('server_encoding') AS encoding";
  const { rows } = await client.query({ text, types: AS_TEXT });
  const [row] = rows as readonly { encoding: string }[];
  if (row?.encoding === 'UTF8') return;
  throw new BulwarkError(
    'ERR_BULWARK_STORE',
    `The database is in the encoding ${row?.encoding}, in which not every name can be written. ` +
      "Make one with CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0.",
  );
}

/** The version of a schema; 0 where there is none yet. */
async function readVersion(client: PostgresClient, schema: string): Promise<number> {
  // Not by to_regclass: that asks a cache, which does not know yet what another process made while this one waited.
  const found = {
    text: "SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'schema_version'",
    values: [schema],
  };
  if ((await client.query(found)).rowCount === 0) return 0;
  const text = `SELECT version FROM ${quoteSchema(schema)}.schema_version`;
  const { rows } = await client.query({ text, types: AS_TEXT });
  const [row] = rows as readonly { version: string }[];
  return Number(row?.version ?? 0);
}

/** The number of the advisory lock of a schema: 64 bits of a digest, so that it meets no lock of anyone else. */
function lockOf(schema: string): string {
  return createHash('sha256').update(`bulwark migrations of ${schema}`).digest().readBigInt64BE().toString();
}

function silent(ms: number): BulwarkError {
  return new BulwarkError('ERR_BULWARK_STORE_DOWN', `PostgreSQL did not answer within ${ms} ms.`);
}

function stuck(schema: string, ms: number): BulwarkError {
  return new BulwarkError(
    'ERR_BULWARK_STORE_DOWN',
    `Another process has been bringing the schema ${schema} up to date for ${ms} ms. ` +
      'Start again when it is done; if it has stopped, end it: its connection stands in pg_locks, locktype advisory.',
  );
}

function tooNew(schema: string, found: number, known: number): BulwarkError {
  return new BulwarkError(
    'ERR_BULWARK_STORE',
    `The schema ${schema} has version ${found}, and this release knows ${known}. ` +
      'Start the release that wrote it, or put back the copy made before the upgrade.',
  );
}
