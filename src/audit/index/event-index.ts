/**
 * An index of a log in SQLite: made from its files, and made anew whenever that is easier. A page of ten million events takes no
 * longer than one of ten thousand, since each begins where the one before ended, and never counts what it skips.
 */
import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { readMark } from '../chain/chain-line.ts';
import { openLog, readLines } from '../chain/read-lines.ts';
import { inOrder } from '../chain/verify-files.ts';
import type { AuditEvent } from '../audit-event.ts';
import { type EventQuery, parseEvent } from '../reading/event-filter.ts';
import type { EventSearch, IndexPage, IndexRun } from './event-search.ts';
import { SeqRanges } from './seq-ranges.ts';

const SCHEMA = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS event (
  id INTEGER PRIMARY KEY, time INTEGER NOT NULL, event TEXT NOT NULL, level TEXT NOT NULL, outcome TEXT,
  account TEXT, client TEXT, request TEXT, session TEXT, guard TEXT, line TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS event_time ON event (time);
CREATE INDEX IF NOT EXISTS event_event ON event (event, time);
CREATE INDEX IF NOT EXISTS event_account ON event (account, time) WHERE account IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_client ON event (client, time) WHERE client IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_request ON event (request, time) WHERE request IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_session ON event (session, time) WHERE session IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_guard ON event (guard, time) WHERE guard IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_critical ON event (time) WHERE level = 'critical';
CREATE TABLE IF NOT EXISTS known (
  chain TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (chain, first)
) STRICT, WITHOUT ROWID;
`;
/** Another process that reads files into it commits every ten thousand of them. */
const BUSY_MS = 1_000;
const BATCH = 10_000;
const DELETE_BATCH = 5_000;
/** The chain, the number, a signature and a hash at the end of a line are shorter. */
const MOST_OF_MARK = 400;
const CURSOR = /^(\d{1,16})\.(\d{1,16})$/;

const COLUMNS = [
  ['level', 'level'],
  ['outcome', 'outcome'],
  ['account', 'account'],
  ['client', 'client'],
  ['request', 'request'],
  ['session', 'session'],
  ['guard', 'guard'],
] as const;

/** The index in one file. */
export class EventIndex implements EventSearch {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #version: StatementSync;
  #seenVersion = -1;
  readonly #chains = new Map<string, SeqRanges>();
  /** Ranges to be kept with the next batch, by chain and first number. */
  readonly #told = new Map<string, readonly [chain: string, first: number, last: number | undefined]>();

  /** @param path - of the database, or `:memory:` */
  constructor(path: string) {
    // What SQLite makes itself, everybody on the machine may read; its other files it makes as this one is.
    if (path !== ':memory:' && !existsSync(path)) closeSync(openSync(path, 'a', 0o600));
    this.#database = new DatabaseSync(path, { timeout: BUSY_MS });
    this.#database.exec(SCHEMA);
    takeOver(this.#database);
    this.#insert = this.#database.prepare(
      'INSERT INTO event (time, event, level, outcome, account, client, request, session, guard, line) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#version = this.#database.prepare('PRAGMA data_version');
    this.#recall();
  }

  /** Takes what files hold that is not there yet: records are told by their place in a chain. Lines without one are left out. */
  async add(paths: readonly string[]): Promise<IndexRun> {
    try {
      return await this.#read(paths);
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#recall();
      throw error;
    }
  }

  async #read(paths: readonly string[]): Promise<IndexRun> {
    let [added, known, others, open] = [0, 0, 0, 0];
    this.#begin();
    for (const path of await inOrder(paths)) {
      await readLines(openLog(path), (bytes, isEnded) => {
        const mark = isEnded ? readMark(bytes) : undefined;
        if (mark === undefined) {
          others += 1;
          return;
        }
        // Not by the greatest number alone: an archive may be added after the file of today.
        const seen = this.#rangesOf(mark.chain);
        if (seen.has(mark.seq)) {
          known += 1;
          return;
        }
        const line = bytes.toString();
        const event = parseEvent(line);
        if (event === undefined) return;
        this.#put(event, line);
        seen.add(mark.seq);
        added += 1;
        open += 1;
        if (open < BATCH) return;
        this.#commit();
        this.#begin();
        open = 0;
      });
    }
    this.#commit();
    return { added, known, others };
  }

  /**
   * Takes lines that a running log has just written, all or none: records of a chain once, and lines of a log that has none
   * as they are.
   *
   * @throws where another process writes too long, or the disk takes nothing
   */
  take(lines: readonly string[]): void {
    this.#begin();
    try {
      for (const line of lines) {
        const event = parseEvent(line);
        if (event === undefined) continue;
        const mark = readMark(Buffer.from(line.slice(-MOST_OF_MARK)));
        const seen = mark === undefined ? undefined : this.#rangesOf(mark.chain);
        if (mark !== undefined && seen?.has(mark.seq) === true) continue;
        this.#put(event, line);
        if (mark !== undefined) seen?.add(mark.seq);
      }
      this.#commit();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      // None of them is there: each is to be taken the next time.
      this.#recall();
      throw error;
    }
  }

  /** The place of the event that came last. 0: there is none. */
  get lastPlace(): number {
    const { last } = this.#database.prepare('SELECT max(id) AS last FROM event').get() ?? {};
    return Number(last ?? 0);
  }

  /** What came behind a place, in its order. */
  behind(place: number, most: number): readonly { readonly place: number; readonly line: string }[] {
    return this.#database
      .prepare('SELECT id, line FROM event WHERE id > ? ORDER BY id LIMIT ?')
      .all(place, most)
      .map((row) => ({ place: Number(row['id']), line: String(row['line']) }));
  }

  /**
   * A page of events, newest first.
   *
   * @param after - what the page before gave as `next`
   */
  page(query: EventQuery, most: number, after?: string): IndexPage {
    const { where, values } = conditions(query, after);
    const sql = `SELECT id, time, line FROM event ${where} ORDER BY time DESC, id DESC LIMIT ?`;
    const rows = this.#database.prepare(sql).all(...values, most + 1) as {
      id: number;
      time: number;
      line: string;
    }[];
    const shown = rows.slice(0, most);
    const last = rows.length > most ? shown.at(-1) : undefined;
    return {
      events: shown.flatMap(({ line }) => {
        const event = parseEvent(line);
        return event === undefined ? [] : [{ event, line }];
      }),
      next: last === undefined ? undefined : `${last.time}.${last.id}`,
    };
  }

  /** How SQLite would look for the events of a query. */
  explain(query: EventQuery): readonly string[] {
    const { where, values } = conditions(query, undefined);
    const sql = `EXPLAIN QUERY PLAN SELECT id, time, line FROM event ${where} ORDER BY time DESC, id DESC LIMIT 100`;
    return this.#database
      .prepare(sql)
      .all(...values)
      .map((row) => String(row['detail']));
  }

  /**
   * Takes out what is older, a batch at a time: others read meanwhile.
   *
   * @param batches - at most: whoever has other things to do comes again
   */
  forget(before: number, batches: number = Infinity): number {
    const drop = this.#database.prepare(
      'DELETE FROM event WHERE id IN (SELECT id FROM event WHERE time < ? ORDER BY time LIMIT ?)',
    );
    let count = 0;
    for (let batch = 0; batch < batches; batch += 1) {
      const { changes } = drop.run(before, DELETE_BATCH);
      count += Number(changes);
      if (changes < DELETE_BATCH) break;
    }
    return count;
  }

  /** Closes the file. */
  close(): void {
    this.#database.close();
  }

  /** One process writes at a time, and knows by then what others have read. */
  #begin(): void {
    this.#database.exec('BEGIN IMMEDIATE');
    if (Number(this.#version.get()?.['data_version']) !== this.#seenVersion) this.#recall();
  }

  /** What was taken so far, by whichever process. */
  #recall(): void {
    this.#seenVersion = Number(this.#version.get()?.['data_version']);
    this.#told.clear();
    this.#chains.clear();
    const rows = this.#database.prepare('SELECT chain, first, last FROM known ORDER BY chain, first');
    for (const { chain, first, last } of rows.iterate())
      this.#rangesOf(String(chain)).restore({ first: Number(first), last: Number(last) });
  }

  #put(event: AuditEvent, line: string): void {
    const { time, event: name, level, outcome, account, client, requestId, sessionRef, guard } = event;
    this.#insert.run(
      Date.parse(time) || 0,
      name,
      level,
      outcome ?? null,
      account ?? null,
      client ?? null,
      requestId ?? null,
      sessionRef ?? null,
      guard ?? null,
      line,
    );
  }

  #commit(): void {
    const note = this.#database.prepare('INSERT OR REPLACE INTO known (chain, first, last) VALUES (?, ?, ?)');
    const drop = this.#database.prepare('DELETE FROM known WHERE chain = ? AND first = ?');
    for (const [chain, first, last] of this.#told.values())
      if (last === undefined) drop.run(chain, first);
      else note.run(chain, first, last);
    this.#told.clear();
    this.#database.exec('COMMIT');
  }

  #rangesOf(chain: string): SeqRanges {
    const known = this.#chains.get(chain);
    if (known !== undefined) return known;
    const ranges = new SeqRanges((first, last) => this.#told.set(`${chain} ${first}`, [chain, first, last]));
    this.#chains.set(chain, ranges);
    return ranges;
  }
}

/** An index of an earlier version knew the greatest number of each chain: what it has of them it keeps. */
function takeOver(database: DatabaseSync): void {
  const old = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'chain'").get();
  if (old === undefined) return;
  database.exec(
    'BEGIN; INSERT OR IGNORE INTO known (chain, first, last) SELECT chain, 1, seq FROM chain; DROP TABLE chain; COMMIT',
  );
}

function conditions(
  query: EventQuery,
  after: string | undefined,
): { where: string; values: (string | number)[] } {
  const all: string[] = [];
  const values: (string | number)[] = [];
  const add = (sql: string, ...given: (string | number)[]): void => {
    all.push(sql);
    values.push(...given);
  };
  for (const [asked, column] of COLUMNS) {
    const value = query[asked];
    if (value === undefined) continue;
    const names = asked === 'account' ? [...new Set([value, ...(query.persons ?? [])])] : [value];
    // As it stands in the index of these alone, which is not found by a value that is not known yet.
    if (asked === 'level' && value === 'critical') add("level = 'critical'");
    else if (names.length === 1) add(`${column} = ?`, value);
    else add(`${column} IN (${names.map(() => '?').join(', ')})`, ...names);
  }
  if (query.event?.endsWith('*') === true)
    add('event >= ? AND event < ?', ...prefixOf(query.event.slice(0, -1)));
  else if (query.event !== undefined) add('event = ?', query.event);
  if (query.since !== undefined) add('time >= ?', Date.parse(query.since));
  if (query.until !== undefined) add('time < ?', Date.parse(query.until));
  if (query.text !== undefined) add('instr(lower(line), lower(?)) > 0', query.text);
  const [, time, id] = CURSOR.exec(after ?? '') ?? [];
  if (time !== undefined) add('(time, id) < (?, ?)', Number(time), Number(id));
  return { where: all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`, values };
}

function prefixOf(start: string): [string, string] {
  return [start, `${start}\u{10ffff}`];
}
