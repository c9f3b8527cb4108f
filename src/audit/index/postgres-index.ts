/**
 * An index of the logs of several machines in PostgreSQL: each machine reads its own files into it. A week of events is a table
 * of its own, so that what is too old goes by whole tables, at once and without leaving holes; its signed heads stay.
 */
import { BulwarkError, errorName } from '../../core/errors.ts';
import { type ChainMark, readMark } from '../chain/chain-line.ts';
import { openLog, readLines } from '../chain/read-lines.ts';
import { inOrder } from '../chain/verify-files.ts';
import type { AuditEvent } from '../audit-event.ts';
import { LOG_EVENTS } from '../log.events.ts';
import { type EventQuery, type FoundEvent, parseEvent } from '../reading/event-filter.ts';
import type { EventSearch, IndexPage, IndexRun } from './event-search.ts';
import { SeqRanges } from './seq-ranges.ts';

/** What is used of a client of `pg`. */
export interface IndexClient {
  query(
    text: string,
    values?: unknown[],
  ): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
  release(destroy?: boolean): void;
  on?(event: 'error', listener: (error: Error) => void): unknown;
  off?(event: 'error', listener: (error: Error) => void): unknown;
}

/** What is used of a pool of `pg`. */
export interface IndexPool {
  connect(): Promise<IndexClient>;
  end(): Promise<void>;
  on?(event: 'error', listener: (error: Error) => void): unknown;
}

const SCHEMA = 'bulwark_audit';
const WEEK_MS = 604_800_000;
/** Monday. */
const FIRST_WEEK_MS = Date.UTC(2000, 0, 3);
const BATCH = 1_000;
const MOST_INDEXED = 200;
/** Number of the lock that those take who change tables, whatever database it is: chosen by chance. */
const LOCK = 7_203_481_199;

// By one collation whatever the database has: beginnings of names and places in pages are compared byte by byte.
const TABLES = `
CREATE SCHEMA IF NOT EXISTS ${SCHEMA};
CREATE TABLE IF NOT EXISTS ${SCHEMA}.event (
  time bigint NOT NULL, chain text COLLATE "C" NOT NULL, seq bigint NOT NULL, event text COLLATE "C" NOT NULL, level text NOT NULL,
  outcome text, account text, client text, request text, session text, guard text, line text NOT NULL,
  PRIMARY KEY (time, chain, seq)
) PARTITION BY RANGE (time);
CREATE INDEX IF NOT EXISTS event_event ON ${SCHEMA}.event (event, time, chain, seq);
CREATE INDEX IF NOT EXISTS event_account ON ${SCHEMA}.event (account, time, chain, seq) WHERE account IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_client ON ${SCHEMA}.event (client, time, chain, seq) WHERE client IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_request ON ${SCHEMA}.event (request, time, chain, seq) WHERE request IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_session ON ${SCHEMA}.event (session, time, chain, seq) WHERE session IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_guard ON ${SCHEMA}.event (guard, time, chain, seq) WHERE guard IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_critical ON ${SCHEMA}.event (time, chain, seq) WHERE level = 'critical';
CREATE TABLE IF NOT EXISTS ${SCHEMA}.known (
  chain text COLLATE "C" NOT NULL, first bigint NOT NULL, last bigint NOT NULL, PRIMARY KEY (chain, first)
);
CREATE TABLE IF NOT EXISTS ${SCHEMA}.head (
  chain text COLLATE "C" NOT NULL, seq bigint NOT NULL, line text NOT NULL, PRIMARY KEY (chain, seq)
);
`;
const ORDER = 'ORDER BY time DESC, chain DESC, seq DESC';
const SIGNED = [LOG_EVENTS.opened.name, LOG_EVENTS.head.name, LOG_EVENTS.closed.name];
const FIELDS = ['level', 'outcome', 'client', 'request', 'session', 'guard'] as const;
const CURSOR = /^(\d{1,16})\.([\w-]{12})\.(\d{1,16})$/;

interface Row {
  readonly mark: ChainMark;
  readonly event: AuditEvent;
  readonly line: string;
}

/** The index in the schema `bulwark_audit` of a database. */
export class PostgresIndex implements EventSearch {
  readonly #pool: IndexPool;
  readonly #clock: () => number;

  private constructor(pool: IndexPool, clock: () => number) {
    this.#pool = pool;
    this.#clock = clock;
  }

  /**
   * @param pool - of `pg`; ended by {@link close}
   * @throws BulwarkError ERR_BULWARK_STORE_DOWN where the database does not answer, or refuses
   */
  static async open(pool: IndexPool, clock: () => number = Date.now): Promise<PostgresIndex> {
    const index = new PostgresIndex(pool, clock);
    // A connection that ends while nobody uses it would else end the process; whoever needs one is told.
    pool.on?.('error', ignore);
    await index.#locked(async (client) => await client.query(TABLES));
    return index;
  }

  async add(paths: readonly string[]): Promise<IndexRun> {
    let [added, known, others] = [0, 0, 0];
    const chains = new Map<string, SeqRanges>();
    let rows: Row[] = [];
    let fresh: Row[] = [];
    const put = async (): Promise<void> => {
      for (const chain of new Set(rows.map(({ mark }) => mark.chain)))
        if (!chains.has(chain)) chains.set(chain, await this.#rangesOf(chain));
      for (const row of rows) {
        const seen = chains.get(row.mark.chain);
        // Not by the greatest number alone: an archive may be added after the file of today.
        if (seen === undefined || seen.has(row.mark.seq)) known += 1;
        else {
          seen.add(row.mark.seq);
          fresh.push(row);
        }
      }
      rows = [];
      for (let at = 0; at < fresh.length; at += BATCH)
        added += await this.#insert(fresh.slice(at, at + BATCH));
      fresh = [];
    };
    for (const path of await inOrder(paths)) {
      const onLine = (bytes: Buffer, isEnded: boolean): void => {
        const mark = isEnded ? readMark(bytes) : undefined;
        if (mark === undefined) {
          others += 1;
          return;
        }
        const line = bytes.toString();
        const event = parseEvent(line);
        if (event !== undefined) rows.push({ mark, event, line });
      };
      await readLines(openLog(path), onLine, put);
      await put();
    }
    return { added, known, others };
  }

  async page(query: EventQuery, most: number, after?: string): Promise<IndexPage> {
    const { where, values } = conditions(query, after);
    const sql = `SELECT time, chain, seq, line FROM ${SCHEMA}.event ${where} ${ORDER} LIMIT $${values.length + 1}`;
    const rows = await this.#ask(async (client) => (await client.query(sql, [...values, most + 1])).rows);
    const shown = rows.slice(0, most);
    const last = rows.length > most ? shown.at(-1) : undefined;
    return {
      events: shown.flatMap(({ line }): FoundEvent[] => {
        const event = parseEvent(String(line));
        return event === undefined ? [] : [{ event, line: String(line) }];
      }),
      next: last && `${String(last['time'])}.${String(last['chain'])}.${String(last['seq'])}`,
    };
  }

  async forget(before: number): Promise<number> {
    return await this.#locked(async (client) => {
      let count = 0;
      for (const { name, end } of await weeksOf(client)) {
        if (end > before) continue;
        const table = `${SCHEMA}.${name}`;
        await client.query(
          `INSERT INTO ${SCHEMA}.head SELECT chain, seq, line FROM ${table} WHERE event = ANY($1) ON CONFLICT DO NOTHING`,
          [SIGNED],
        );
        const { rows } = await client.query(`SELECT count(*) AS count FROM ${table}`);
        count += Number(rows[0]?.['count']);
        await client.query(`DROP TABLE ${table}`);
      }
      return count;
    });
  }

  /** Signed heads of what was taken out, as lines: a copy that somebody kept can be verified by them. */
  async heads(): Promise<readonly string[]> {
    const sql = `SELECT line FROM ${SCHEMA}.head ORDER BY chain, seq`;
    return await this.#ask(async (client) => (await client.query(sql)).rows.map(({ line }) => String(line)));
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Together with what is known of their chains: whoever ends in between has read neither. */
  async #insert(rows: readonly Row[]): Promise<number> {
    const weeks = new Set(rows.map(({ event }) => weekOf(this.#timeOf(event))));
    await this.#makeWeeks(weeks);
    return await this.#inTransaction(async (client) => {
      const columns = columnsOf(rows, (event) => this.#timeOf(event));
      // Another machine may have read the same file meanwhile.
      const { rows: taken } = await client.query(
        `INSERT INTO ${SCHEMA}.event SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[],
          $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[]) ON CONFLICT DO NOTHING RETURNING 1`,
        columns,
      );
      for (const [chain, first, last] of runsOf(rows))
        await client.query(
          `INSERT INTO ${SCHEMA}.known VALUES ($1, $2, $3) ON CONFLICT (chain, first) DO UPDATE SET last = greatest(known.last, excluded.last)`,
          [chain, first, last],
        );
      return taken.length;
    });
  }

  async #makeWeeks(weeks: ReadonlySet<number>): Promise<void> {
    await this.#locked(async (client) => {
      for (const week of weeks) {
        const from = FIRST_WEEK_MS + week * WEEK_MS;
        await client.query(
          `CREATE TABLE IF NOT EXISTS ${SCHEMA}.event_${week} PARTITION OF ${SCHEMA}.event FOR VALUES FROM (${from}) TO (${from + WEEK_MS})`,
        );
      }
    });
  }

  /** What is known of a chain, in one range where two of them touch: each run of a reader has noted its own. */
  async #rangesOf(chain: string): Promise<SeqRanges> {
    const sql = `SELECT first, last FROM ${SCHEMA}.known WHERE chain = $1 ORDER BY first`;
    const rows = await this.#ask(async (client) => (await client.query(sql, [chain])).rows);
    const joined: { first: number; last: number }[] = [];
    for (const { first, last } of rows.map((row) => ({
      first: Number(row['first']),
      last: Number(row['last']),
    }))) {
      const before = joined.at(-1);
      if (before !== undefined && first <= before.last + 1) before.last = Math.max(before.last, last);
      else joined.push({ first, last });
    }
    const ranges = new SeqRanges(() => undefined);
    for (const range of joined) ranges.restore(range);
    return ranges;
  }

  /** A clock that is wrong, or a line that was made up, makes no table of a year nobody knows. */
  #timeOf({ time }: AuditEvent): number {
    const read = Date.parse(time);
    return Math.min(Math.max(Number.isNaN(read) ? 0 : read, FIRST_WEEK_MS), this.#clock() + WEEK_MS);
  }

  async #locked<Result>(work: (client: IndexClient) => Promise<Result>): Promise<Result> {
    return await this.#inTransaction(async (client) => {
      await client.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
      return await work(client);
    });
  }

  async #inTransaction<Result>(work: (client: IndexClient) => Promise<Result>): Promise<Result> {
    return await this.#ask(async (client) => {
      await client.query('BEGIN');
      try {
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  async #ask<Result>(work: (client: IndexClient) => Promise<Result>): Promise<Result> {
    let client: IndexClient | undefined;
    try {
      client = await this.#pool.connect();
      client.on?.('error', ignore);
      const result = await work(client);
      client.off?.('error', ignore);
      client.release();
      return result;
    } catch (cause) {
      // What is left of it goes with the connection, locks too.
      client?.release(true);
      const message = `the index in PostgreSQL does not answer (${errorName(cause)})`;
      throw new BulwarkError('ERR_BULWARK_STORE_DOWN', message, { cause });
    }
  }
}

function ignore(): void {
  // The statement that failed by it says so.
}

function weekOf(time: number): number {
  return Math.floor((time - FIRST_WEEK_MS) / WEEK_MS);
}

async function weeksOf(
  client: IndexClient,
): Promise<readonly { readonly name: string; readonly end: number }[]> {
  const { rows } = await client.query(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = '${SCHEMA}.event'::regclass ORDER BY 1`,
  );
  return rows.flatMap(({ name }) => {
    const week = /^event_(\d{1,6})$/.exec(String(name))?.[1];
    return week === undefined
      ? []
      : [{ name: `event_${week}`, end: FIRST_WEEK_MS + (Number(week) + 1) * WEEK_MS }];
  });
}

function columnsOf(rows: readonly Row[], timeOf: (event: AuditEvent) => number): unknown[] {
  const column = (of: (row: Row) => string | number | undefined): (string | number | null)[] =>
    rows.map((row) => {
      const value = of(row);
      return typeof value === 'string' ? fit(value) : (value ?? null);
    });
  return [
    column(({ event }) => timeOf(event)),
    column(({ mark }) => mark.chain),
    column(({ mark }) => mark.seq),
    column(({ event }) => event.event),
    column(({ event }) => event.level),
    column(({ event }) => event.outcome),
    column(({ event }) => event.account),
    column(({ event }) => event.client),
    column(({ event }) => event.requestId),
    column(({ event }) => event.sessionRef),
    column(({ event }) => event.guard),
    rows.map(({ line }) => line),
  ];
}

/** What a stranger chose must not stop a reader: PostgreSQL takes no NUL in a text, and no long text into an index. */
function fit(text: string): string {
  return text.slice(0, MOST_INDEXED).replaceAll('\0', '\ufffd');
}

/** Numbers of chains that follow each other, as ranges. */
function runsOf(rows: readonly Row[]): readonly (readonly [chain: string, first: number, last: number])[] {
  const ranges = new Map<string, [chain: string, first: number, last: number][]>();
  for (const { mark } of rows.toSorted((one, other) => one.mark.seq - other.mark.seq)) {
    const own = ranges.get(mark.chain) ?? [];
    ranges.set(mark.chain, own);
    const last = own.at(-1);
    if (last !== undefined && mark.seq === last[2] + 1) last[2] = mark.seq;
    else own.push([mark.chain, mark.seq, mark.seq]);
  }
  return [...ranges.values()].flat();
}

function conditions(query: EventQuery, after: string | undefined): { where: string; values: unknown[] } {
  const all: string[] = [];
  const values: unknown[] = [];
  const add = (sql: string, ...given: readonly unknown[]): void => {
    let at = values.length;
    all.push(sql.replaceAll('?', () => `$${(at += 1)}`));
    values.push(...given);
  };
  for (const field of FIELDS) if (query[field] !== undefined) add(`${field} = ?`, fit(query[field]));
  const { account, persons = [], event, since, until, text } = query;
  const names = account === undefined ? [] : [...new Set([account, ...persons].map(fit))];
  if (names.length === 1) add('account = ?', names[0]);
  else if (names.length > 1) add('account = ANY(?)', names);
  if (event?.endsWith('*') === true)
    add('event >= ? AND event < ?', event.slice(0, -1), `${event.slice(0, -1)}\u{10ffff}`);
  else if (event !== undefined) add('event = ?', event);
  if (since !== undefined) add('time >= ?', Date.parse(since));
  if (until !== undefined) add('time < ?', Date.parse(until));
  if (text !== undefined) add('position(lower(?) in lower(line)) > 0', text);
  const [, time, chain, seq] = CURSOR.exec(after ?? '') ?? [];
  if (time !== undefined) add('(time, chain, seq) < (?, ?, ?)', Number(time), chain, Number(seq));
  return { where: all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`, values };
}
