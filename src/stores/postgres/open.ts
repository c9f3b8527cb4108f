/** Opening a schema of a PostgreSQL database, and running statements that nobody waits on for ever. */
import { amount, anyText, call, callback, fields, made, maybe, texts } from '../../core/call.ts';
import { BulwarkError } from '../../core/errors.ts';
import { Breaker } from '../breaker.ts';
import type { StoreHealth } from '../ports/state.ts';
import { isCollision, isOutage, isTooLate, startError, withCode } from './failures.ts';
import { migrate } from './migrations.ts';
import {
  type PostgresClient,
  type PostgresPool,
  type PostgresResult,
  type PostgresStatement,
  quoteSchema,
} from './pool.ts';

/** How a database is spoken to. */
export interface DatabaseOptions {
  /**
   * Milliseconds that a statement may take, a place in the pool and a new connection included. Default 500: a commit
   * waits for the disk, and a checkpoint makes some wait longer than most.
   */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 500;
/** Lists and sweeps of thousands of rows: nobody's page waits for them, but something does. */
const BULK_FACTOR = 10;
/** How many deadlines a connection gets to answer before it is given up: the pool has better use for its place. */
const GIVE_UP_FACTOR = 5;
/** How long a pool may take to connect at start-up. */
const START_MS = 10_000;
const PROBE_STALE_MS = 2000;
/** Two statements on one row rarely meet twice, and whoever meets more often is in a flood. */
const ATTEMPTS = 5;

const checkOpen = call("await openPostgres(pool, 'notes', ['CREATE TABLE notes (id text)'])", {
  pool: made('a pool of pg', { query: callback, connect: callback }),
  schema: anyText,
  migrations: texts,
  options: fields<DatabaseOptions>({ deadlineMs: maybe(amount) }),
});

/**
 * Opens a schema of its own for an application or a store, brought to the newest of its versions by whichever process
 * is first.
 *
 * @param schema - its name; made where it is missing
 * @param migrations - SQL, one text for each version. It is run with the schema as its `search_path`, in a transaction
 * @throws BulwarkError ERR_BULWARK_STORE_DOWN where the database is not reachable, ERR_BULWARK_STORE where it refuses,
 * is not in UTF-8 or is of a newer version, ERR_BULWARK_INVALID_OPTION where the schema's name is none
 */
export async function openPostgres(
  pool: PostgresPool,
  schema: string,
  migrations: readonly string[],
  options: DatabaseOptions = {},
): Promise<PostgresDatabase> {
  checkOpen(pool, schema, migrations, options);
  quoteSchema(schema);
  keepAlive(pool);
  try {
    const client = await connect(pool);
    let failed = true;
    client.on?.('error', ignore);
    try {
      await migrate(client, schema, migrations);
      failed = false;
    } finally {
      client.off?.('error', ignore);
      client.release(failed);
    }
  } catch (error) {
    throw startError(error);
  }
  return new PostgresDatabase(pool, options);
}

/** A database across a network: each statement within a deadline, and none while it is gone. */
export class PostgresDatabase {
  readonly #pool: PostgresPool;
  readonly #line: Breaker;
  readonly #bulkLine: Breaker;
  readonly #deadlineMs: number;
  #probing: { readonly answer: Promise<unknown>; readonly since: number } | undefined;

  constructor(pool: PostgresPool, { deadlineMs = DEADLINE_MS }: DatabaseOptions = {}) {
    const shared = { store: 'postgres', probe: () => this.#probe(), isOutage };
    this.#pool = pool;
    this.#deadlineMs = deadlineMs;
    this.#line = new Breaker({ ...shared, deadlineMs });
    this.#bulkLine = new Breaker({ ...shared, deadlineMs: deadlineMs * BULK_FACTOR });
  }

  /**
   * Runs one statement. One that met another on the same rows and was undone is carried out again.
   *
   * @throws BulwarkError ERR_BULWARK_STORE_DOWN where the database is gone or too late. What was too late may have been
   * carried out all the same.
   * @throws BulwarkError ERR_BULWARK_STORE where it refuses; `cause` is the driver's error
   */
  query(statement: PostgresStatement): Promise<PostgresResult> {
    return this.#line.run(() => this.#send(statement, this.#deadlineMs * GIVE_UP_FACTOR));
  }

  /** As {@link query}, for statements that take their time. */
  bulk(statement: PostgresStatement): Promise<PostgresResult> {
    if (!this.#line.up) return this.query(statement);
    return this.#bulkLine.run(async () => {
      try {
        return await this.#send(statement, this.#deadlineMs * BULK_FACTOR);
      } catch (error) {
        if (isOutage(error)) this.#line.lost(error);
        throw error;
      }
    });
  }

  /** Calls the listener each time the database goes or comes back. */
  onHealth(listener: (health: StoreHealth) => void): void {
    this.#line.onHealth(listener);
  }

  /** Refuses statements from now on. The pool stays open: whoever made it ends it. */
  close(): void {
    this.#line.close();
    this.#bulkLine.close();
  }

  async #send(statement: PostgresStatement, giveUpMs: number): Promise<PostgresResult> {
    // `pg` ends a connection that has not answered by then. One whose other end is gone without a word would keep its
    // place in the pool for many minutes.
    const timed = { ...statement, query_timeout: giveUpMs };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#pool.query(timed);
      } catch (error) {
        const collided = isCollision(error);
        if (collided && attempt < ATTEMPTS) continue;
        if (!collided && !isTooLate(error)) throw withCode(error);
        throw new BulwarkError('ERR_BULWARK_STORE_DOWN', 'The postgres store did not answer in time.', {
          cause: error,
        });
      }
    }
  }

  // One probe at a time: while the pool is full of connections that hang, each would wait in its queue. After a while it
  // counts for nothing, since it may hang as well.
  #probe(): Promise<unknown> {
    const now = performance.now();
    if (this.#probing === undefined || now - this.#probing.since > PROBE_STALE_MS) {
      const probing = { answer: this.#ask(), since: now };
      const done = (): void => {
        if (this.#probing === probing) this.#probing = undefined;
      };
      probing.answer.then(done, done);
      this.#probing = probing;
    }
    return this.#probing.answer;
  }

  // Alive is not enough: a standby answers too, and stores nothing.
  async #ask(): Promise<void> {
    const text = "SELECT 1 WHERE current_setting('transaction_read_only') = 'off'";
    const { rowCount } = await this.#send({ text }, PROBE_STALE_MS);
    if (rowCount !== 1) throw new Error('the server only reads');
  }
}

const heard = new WeakSet<PostgresPool>();

// A connection that ends while it lies idle is an 'error' of its pool, and without a listener the end of the process.
function keepAlive(pool: PostgresPool): void {
  if (heard.has(pool)) return;
  heard.add(pool);
  pool.on?.('error', ignore);
}

/** A client of the pool, or an error when that takes too long: a pool may be told to wait for ever. */
async function connect(pool: PostgresPool): Promise<PostgresClient> {
  const connecting = pool.connect();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(
      new BulwarkError('ERR_BULWARK_STORE_DOWN', `PostgreSQL gave no connection within ${START_MS} ms.`),
    );
    connecting.then((client) => client.release(true), ignore);
  }, START_MS);
  try {
    return await Promise.race([connecting, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

// The statement that was under way has failed as well, and says so.
function ignore(): void {}
