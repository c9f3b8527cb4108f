/**
 * What pages of the application were seen to run, and what visitors sent that looks like it: in a small database beside the
 * gateway, shared by its processes, for an operator to look at.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { allRows, change, openDatabase, type Row, Transactions } from '../../stores/sqlite/open.ts';
import { openingOf } from './sent-code.ts';

/** `attribute`: code or style in attributes, which no source lets run; `source` is then the name of the attribute. */
export type CodeDirective = 'script-src' | 'style-src' | 'attribute';

/** One source that pages ask for, and what is known of where it came from. */
export interface SeenCode {
  readonly directive: CodeDirective;
  /** As a policy names it: `'sha256-...'`, `'self'`, or an origin. */
  readonly source: string;
  /** How the code begins, or the address of a file. */
  readonly text: string;
  readonly characters: number;
  /** Answers that had it, and of these the ones to a request that had the same text in it. */
  readonly answers: number;
  readonly reflected: number;
  /** Whether a visitor had sent it before it was seen on a page. */
  readonly sent: boolean;
  /** Addresses of clients that got it, and paths of pages that had it: eight of each at most. */
  readonly clients: readonly string[];
  readonly paths: readonly string[];
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
}

/** One sight of it. */
export interface Sighting extends Pick<SeenCode, 'directive' | 'source' | 'text' | 'characters'> {
  readonly client: string;
  readonly path: string;
  readonly isReflected: boolean;
  readonly at: number;
}

/** How a script begins that a visitor sent, and when. */
export interface Sent {
  readonly opening: string;
  readonly at: number;
}

/** Rows at most. Where there are more, what one answer had goes first: it changes with each, or was somebody's input. */
const MOST_CODE = 1_000;
const MOST_SENT = 2_000;
const MOST_PLACES = 8;

const MIGRATIONS = [
  `CREATE TABLE code (
     directive TEXT NOT NULL, source TEXT NOT NULL, text TEXT NOT NULL, opening TEXT NOT NULL, characters INTEGER NOT NULL,
     answers INTEGER NOT NULL, reflected INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0,
     first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (directive, source)) STRICT, WITHOUT ROWID;
   CREATE TABLE place (
     directive TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (directive, source, kind, value),
     FOREIGN KEY (directive, source) REFERENCES code ON DELETE CASCADE) STRICT, WITHOUT ROWID;
   CREATE TABLE sent (opening TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
];

/** The database of one machine. */
export class SeenCodes {
  readonly #db: DatabaseSync;
  readonly #transactions: Transactions;
  readonly #note: StatementSync;
  readonly #place: StatementSync;
  readonly #countPlaces: StatementSync;
  readonly #send: StatementSync;

  /** @throws BulwarkError ERR_BULWARK_STORE where the file cannot be opened */
  constructor(file: string) {
    this.#db = openDatabase(file, MIGRATIONS);
    this.#transactions = new Transactions(this.#db);
    this.#note = this.#db.prepare(
      `INSERT INTO code (directive, source, text, opening, characters, answers, reflected, first, last)
       VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)
       ON CONFLICT DO UPDATE SET answers = answers + 1, reflected = reflected + excluded.reflected, last = excluded.last`,
    );
    this.#place = this.#db.prepare('INSERT OR IGNORE INTO place VALUES (?, ?, ?, ?)');
    this.#countPlaces = this.#db.prepare(
      'SELECT count(*) AS places FROM place WHERE directive = ? AND source = ? AND kind = ?',
    );
    this.#send = this.#db.prepare('INSERT OR IGNORE INTO sent VALUES (?, ?)');
  }

  /** Keeps what was seen of answers, and how that begins which visitors sent, whole or not at all. */
  keep(sightings: readonly Sighting[], sent: readonly Sent[]): void {
    this.#transactions.run(() => {
      for (const one of sightings) this.#keepOne(one);
      for (const { opening, at } of sent) change(this.#send, opening, at);
      // What a page had before anybody sent it is the application's: nobody takes that from it by sending it again. By
      // times, since another process may have seen the one and this one the other.
      this.#db.exec(`UPDATE code SET sent = 1 WHERE sent = 0 AND EXISTS (
        SELECT 1 FROM sent WHERE sent.opening = code.opening AND sent.at <= code.first)`);
      this.#db.exec(`DELETE FROM code WHERE (directive, source) IN (
        SELECT directive, source FROM code ORDER BY answers > 1 DESC, last DESC LIMIT -1 OFFSET ${MOST_CODE})`);
      this.#db.exec(`DELETE FROM sent WHERE opening IN (
        SELECT opening FROM sent ORDER BY at DESC LIMIT -1 OFFSET ${MOST_SENT})`);
    });
  }

  /** What was seen, by whom most first. */
  all(): readonly SeenCode[] {
    const places = Map.groupBy(allRows(this.#db.prepare('SELECT * FROM place')), keyOf);
    const rows = allRows(this.#db.prepare('SELECT * FROM code ORDER BY answers DESC, source'));
    return rows.map((row) => readCode(row, places.get(keyOf(row)) ?? []));
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #keepOne(one: Sighting): void {
    const { directive, source, text, characters, isReflected, at } = one;
    change(this.#note, directive, source, text, openingOf(text), characters, Number(isReflected), at, at);
    // What is in a request is in its own answer: who asked for that, and where, vouches for nothing.
    if (isReflected) return;
    for (const [kind, value] of [
      ['client', one.client],
      ['path', one.path],
    ] as const) {
      const [row] = allRows(this.#countPlaces, directive, source, kind);
      if (Number(row?.['places']) < MOST_PLACES) change(this.#place, directive, source, kind, value);
    }
  }
}

function readCode(row: Row, places: readonly Row[]): SeenCode {
  const valuesOf = (kind: string): readonly string[] =>
    places.filter((place) => place['kind'] === kind).map(({ value }) => String(value));
  return {
    directive: String(row['directive']) as CodeDirective,
    source: String(row['source']),
    text: String(row['text']),
    characters: Number(row['characters']),
    answers: Number(row['answers']),
    reflected: Number(row['reflected']),
    sent: row['sent'] === 1,
    clients: valuesOf('client'),
    paths: valuesOf('path'),
    first: Number(row['first']),
    last: Number(row['last']),
  };
}

function keyOf({ directive, source }: Row): string {
  return `${String(directive)} ${String(source)}`;
}
