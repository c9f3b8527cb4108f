import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Pool } from 'pg';
import { PASSWORD, PostgresServer } from '../../../test/support/postgres.ts';
import { BulwarkError } from '../../core/errors.ts';
import { migrate } from './migrations.ts';
import { until } from '../../../test/support/until.ts';
import { openPostgres, postgres, type PostgresClient, type PostgresPool } from './state.ts';

const NOTES = 'CREATE TABLE notes (text text NOT NULL)';
const COLOUR = "ALTER TABLE notes ADD COLUMN colour text NOT NULL DEFAULT 'blue'";

describe('migrations of PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let pool: Pool;
  before(async () => {
    server = await PostgresServer.start();
    url = await server.database();
    pool = server.pool(url);
  });
  after(async () => server.stop());

  const tables = async (schema: string): Promise<string[]> => {
    const { rows } = await pool.query<{ tablename: string }>(
      'SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY tablename',
      [schema],
    );
    return rows.map((row) => row.tablename);
  };

  test('an application opens a schema of its own with the same care, and gets its new steps only', async () => {
    const first = await openPostgres(pool, 'own', [NOTES]);
    await first.query({ text: 'INSERT INTO own.notes VALUES ($1)', values: ['kept'] });
    first.close();
    const second = await openPostgres(pool, 'own', [NOTES, COLOUR]);
    const { rows } = await second.query({ text: 'SELECT * FROM own.notes' });
    assert.deepEqual(rows, [{ text: 'kept', colour: 'blue' }]);
    second.close();
  });

  test('several that start at once make one schema, and each step is run once', async () => {
    const steps = ['CREATE TABLE log (text text)', "INSERT INTO log VALUES ('once')"];
    const opened = await Promise.all(
      Array.from({ length: 8 }, async () => openPostgres(pool, 'at_once', steps)),
    );
    for (const database of opened) database.close();
    assert.equal((await pool.query('SELECT 1 FROM at_once.log')).rowCount, 1);
  });

  test('a step that fails leaves the schema as it was, and tells why', async () => {
    (await openPostgres(pool, 'broken', [NOTES])).close();
    const broken = openPostgres(pool, 'broken', [
      NOTES,
      'CREATE TABLE other (x int); CREATE TABLE notes (x int)',
    ]);
    await assert.rejects(broken, { code: 'ERR_BULWARK_STORE', message: /relation "notes" already exists/ });
    assert.deepEqual(await tables('broken'), ['notes', 'schema_version']);
    const mended = await openPostgres(pool, 'broken', [NOTES, COLOUR]);
    assert.equal((await mended.query({ text: 'SELECT colour FROM broken.notes' })).rowCount, 0);
    mended.close();
  });

  test('refuses a schema that a newer release wrote, and leaves it alone', async () => {
    await (await postgres(pool, { schema: 'newer' })).close();
    await pool.query('UPDATE newer.schema_version SET version = 999');
    await assert.rejects(postgres(pool, { schema: 'newer' }), {
      code: 'ERR_BULWARK_STORE',
      message: /version 999.*Start the release/,
    });
    assert.deepEqual((await pool.query('SELECT version FROM newer.schema_version')).rows, [{ version: 999 }]);
  });

  test('a schema that is up to date is only read: no lock, no right to change it', async () => {
    await (await postgres(pool, { schema: 'ready' })).close();
    await pool.query(
      `CREATE ROLE humble LOGIN PASSWORD '${PASSWORD}';
       GRANT USAGE ON SCHEMA ready TO humble;
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ready TO humble`,
    );
    const holder = await pool.connect();
    await holder.query('BEGIN; SELECT version FROM ready.schema_version FOR UPDATE');
    const humble = server.pool(url.replace('tester', 'humble'));
    const state = await postgres(humble, { schema: 'ready', deadlineMs: 60_000 });
    assert.ok((await state.counters.take('k', { count: 1, windowMs: 1000 }, Date.now())).allowed);
    assert.equal(await state.sessions.sweep(Date.now()), 0);
    await holder.query('ROLLBACK');
    holder.release();
    await state.close();
  });

  test('a role that may not make a schema uses the one that was made for it', async () => {
    await pool.query(
      `CREATE ROLE tenant LOGIN PASSWORD '${PASSWORD}'; CREATE SCHEMA given AUTHORIZATION tenant`,
    );
    const tenant = server.pool(url.replace('tester', 'tenant'));
    await (await postgres(tenant, { schema: 'given' })).close();
    assert.ok((await tables('given')).includes('sessions'));
    await assert.rejects(postgres(tenant, { schema: 'not_given' }), {
      code: 'ERR_BULWARK_STORE',
      message: /permission denied for database/,
    });
  });

  test('a process that never ends what it began holds no other up for ever, which says so', async () => {
    await openPostgres(pool, 'stuck', ['CREATE TABLE one (x int)']);
    const [holder, waiter] = [await pool.connect(), await pool.connect()];
    const held = migrate(holder, 'stuck', ['CREATE TABLE one (x int)', 'SELECT pg_sleep(600)']);
    await until('it holds the lock', async () => {
      const { rows } = await pool.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted");
      return rows.length > 0;
    });
    const bounds = { lookMs: 10_000, turnMs: 100 };
    await assert.rejects(migrate(waiter, 'stuck', ['', ''], bounds), {
      code: 'ERR_BULWARK_STORE_DOWN',
      message: /schema stuck up to date for 100 ms.*pg_locks/,
    });
    // Listened to first: which of the two answers comes first is the server's affair.
    const ended = assert.rejects(held, /canceling statement/);
    await pool.query("SELECT pg_cancel_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted");
    await ended;
    for (const client of [holder, waiter]) client.release();
  });

  test('a server that takes a connection and says nothing more is given up', async () => {
    const client = { query: () => new Promise<never>(() => undefined), release: () => undefined };
    await assert.rejects(migrate(client, 'silent', [''], { lookMs: 50, turnMs: 50 }), {
      code: 'ERR_BULWARK_STORE_DOWN',
      message: /did not answer within 50 ms/,
    });
  });

  test('timeouts that are right for requests do not cut a migration short', async () => {
    const hasty = server.pool(url, { statement_timeout: 50, lock_timeout: 50 });
    (await openPostgres(hasty, 'hasty', ['SELECT pg_sleep(0.2); CREATE TABLE made (x int)'])).close();
    assert.deepEqual(await tables('hasty'), ['made', 'schema_version']);
    const { rows } = await hasty.query("SELECT current_setting('statement_timeout') AS timeout");
    assert.deepEqual(rows, [{ timeout: '50ms' }]);
  });

  test('refuses a database in which not every name can be written', async () => {
    await pool.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    const latin = server.pool(url.replace(/[^/]+$/, 'latin'));
    await assert.rejects(postgres(latin), { code: 'ERR_BULWARK_STORE', message: /encoding LATIN1.*UTF8/ });
  });

  test('names no password where the database is not there, or does not let in', async () => {
    for (const wrong of [
      url.replace(/:\d+\//, ':1/'),
      url.replace(/[^/]+$/, 'no_such_database'),
      url.replace(PASSWORD, 'hunter3hunter3'),
    ]) {
      await assert.rejects(postgres(server.pool(wrong)), (error) => {
        assert.ok(error instanceof BulwarkError && error.code === 'ERR_BULWARK_STORE_DOWN', String(error));
        assert.ok(!error.message.includes('hunter'));
        return true;
      });
    }
  });

  test('a pool that never gives a connection is given up at the start', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const late = Promise.withResolvers<PostgresClient>();
    const stuck: PostgresPool = {
      connect: () => late.promise,
      query: async () => assert.fail('asked'),
    };
    const opening = postgres(stuck);
    t.mock.timers.tick(10_000);
    await assert.rejects(opening, { code: 'ERR_BULWARK_STORE_DOWN' });
    // What comes too late is not kept from the others.
    const released = Promise.withResolvers<unknown>();
    late.resolve({ query: async () => assert.fail('asked'), release: released.resolve });
    assert.equal(await released.promise, true);
  });
});
