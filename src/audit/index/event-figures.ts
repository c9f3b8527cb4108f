/**
 * How often something happened, in buckets of a minute, an hour and a day: what a first page shows is read from some hundred
 * rows, however many events there were. Several processes add to one file.
 */
import { DatabaseSync } from 'node:sqlite';

/** How wide a bucket is, in milliseconds. */
export type BucketWidth = 60_000 | 3_600_000 | 86_400_000;

/** What happened in one bucket: how often, by name. */
export interface Bucket {
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly counts: ReadonlyMap<string, number>;
}

const SCHEMA = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS figure (
  width INTEGER NOT NULL, start INTEGER NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (width, start, name)
) STRICT, WITHOUT ROWID;
`;
const DAY = 86_400_000;
/** Each width, and how long its buckets are kept. */
const WIDTHS: readonly (readonly [BucketWidth, number])[] = [
  [60_000, DAY],
  [3_600_000, 40 * DAY],
  [DAY, 400 * DAY],
];
const BUSY_MS = 250;

/** Counts in one file. */
export class EventFigures {
  readonly #database: DatabaseSync;

  /** @param path - of the database, or `:memory:` */
  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: BUSY_MS });
    this.#database.exec(SCHEMA);
  }

  /**
   * Adds what happened by now. All or nothing.
   *
   * @throws where another process writes too long, or the disk takes nothing
   */
  add(counts: ReadonlyMap<string, number>, now: number): void {
    const add = this.#database.prepare(
      'INSERT INTO figure (width, start, name, count) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
    );
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const [width] of WIDTHS)
        for (const [name, count] of counts) add.run(width, startOf(now, width), name, count);
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** The last buckets up to now, oldest first, those in which nothing happened too. */
  last(width: BucketWidth, many: number, now: number): readonly Bucket[] {
    const end = startOf(now, width);
    const buckets = Array.from({ length: many }, (_, at) => ({
      start: end - (many - 1 - at) * width,
      counts: new Map<string, number>(),
    }));
    const [first] = buckets;
    if (first === undefined) return [];
    const rows = this.#database
      .prepare('SELECT start, name, count FROM figure WHERE width = ? AND start BETWEEN ? AND ?')
      .iterate(width, first.start, end);
    for (const { start, name, count } of rows)
      buckets[(Number(start) - first.start) / width]?.counts.set(String(name), Number(count));
    return buckets;
  }

  /** Takes out what is older than its width is kept. */
  forget(now: number): void {
    const drop = this.#database.prepare('DELETE FROM figure WHERE width = ? AND start < ?');
    for (const [width, kept] of WIDTHS) drop.run(width, now - kept);
  }

  /** Closes the file. */
  close(): void {
    this.#database.close();
  }
}

function startOf(now: number, width: BucketWidth): number {
  return Math.floor(now / width) * width;
}
