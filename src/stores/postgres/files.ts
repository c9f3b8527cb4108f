import type { FilePlace, FileQuota, FileRecord, FileState, FileStore } from '../ports/files.ts';
import { FILE, SEEN } from '../sql/files.ts';
import { PostgresFileShares } from './file-shares.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { inPostgres } from './rows.ts';
import { toStored } from './text.ts';

const ROW = inPostgres(FILE);

/** Rows of files in PostgreSQL, shared by every process that reaches it. Each method is one statement. */
export class PostgresFiles implements FileStore {
  readonly shares: PostgresFileShares;
  readonly #database: PostgresDatabase;
  readonly #sql: FileStatements;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.shares = new PostgresFileShares(database, prepare);
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async begin(record: FileRecord): Promise<void> {
    await this.#database.query(this.#sql.begin(...ROW.values(record)));
  }

  async reserve(record: FileRecord, quota: FileQuota): Promise<'kept' | 'full'> {
    // The statement asks it of a row that is there; an account without any has none yet.
    if (quota.files < 1 || record.size > quota.bytes) return 'full';
    const statement = this.#sql.reserve(...ROW.values(record), quota.files, quota.bytes);
    return (await this.#database.query(statement)).rowCount === 1 ? 'kept' : 'full';
  }

  async partial(id: string): Promise<FileRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.partial(toStored(id))))[0];
  }

  async partials(owner: string, limit: number): Promise<readonly FileRecord[]> {
    return ROW.records(await this.#database.query(this.#sql.partials(toStored(owner), limit)));
  }

  async advance(id: string, seen: string, note: string): Promise<boolean> {
    const statement = this.#sql.advance(toStored(id), toStored(seen), toStored(note));
    return (await this.#database.query(statement)).rowCount === 1;
  }

  async renew(id: string, until: number): Promise<boolean> {
    return (await this.#database.query(this.#sql.renew(toStored(id), until))).rowCount === 1;
  }

  async complete(
    id: string,
    { size, sha256, state }: Pick<FileRecord, 'size' | 'sha256' | 'state'>,
    quota: FileQuota,
  ): Promise<'kept' | 'full' | 'gone'> {
    const statement = this.#sql.complete(toStored(id), size, sha256, state, quota.files, quota.bytes);
    const { rows } = await this.#database.query(statement);
    const [row] = rows as readonly { outcome: 'kept' | 'full' | 'gone' }[];
    return row?.outcome ?? 'gone';
  }

  async find(id: string): Promise<FileRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.find(toStored(id))))[0];
  }

  async access(id: string, account: string, now: number): Promise<FileRecord | undefined> {
    const statement = this.#sql.access(toStored(id), toStored(account), now);
    return ROW.records(await this.#database.query(statement))[0];
  }

  async list(owner: string, behind: FilePlace | undefined, limit: number): Promise<readonly FileRecord[]> {
    const { first, next } = this.#sql;
    const statement =
      behind === undefined
        ? first(toStored(owner), limit)
        : next(toStored(owner), limit, behind.createdAt, toStored(behind.id));
    return ROW.records(await this.#database.query(statement));
  }

  async usage(owner: string): Promise<FileQuota> {
    const { rows } = await this.#database.query(this.#sql.usage(toStored(owner)));
    const [row] = rows as readonly { files: string; bytes: string }[];
    return { files: Number(row?.files ?? 0), bytes: Number(row?.bytes ?? 0) };
  }

  async settle(
    id: string,
    seen: FileState,
    state: FileState,
    note: string,
    expiresAt?: number,
  ): Promise<boolean> {
    const statement = this.#sql.settle(toStored(id), seen, state, toStored(note), expiresAt ?? null);
    return await this.#says(statement);
  }

  async remove(owner: string, id: string, until: number): Promise<boolean> {
    return await this.#says(this.#sql.remove(toStored(owner), toStored(id), until));
  }

  async abandoned(now: number, limit: number): Promise<readonly FileRecord[]> {
    return ROW.records(await this.#database.bulk(this.#sql.abandoned(now, limit)));
  }

  async giveUp(id: string, heldBefore: number, until: number): Promise<boolean> {
    return await this.#says(this.#sql.giveUp(toStored(id), heldBefore, until));
  }

  async forget(id: string): Promise<boolean> {
    return (await this.#database.query(this.#sql.forget(toStored(id)))).rowCount === 1;
  }

  async waiting(behind: string | undefined, limit: number): Promise<readonly FileRecord[]> {
    return ROW.records(await this.#database.bulk(this.#sql.waiting(toStored(behind ?? ''), limit)));
  }

  async after(id: string | undefined, limit: number): Promise<readonly FileRecord[]> {
    return ROW.records(await this.#database.bulk(this.#sql.after(toStored(id ?? ''), limit)));
  }

  async rekey(id: string, seen: string, sealedKey: string): Promise<boolean> {
    const statement = this.#sql.rekey(toStored(id), toStored(seen), toStored(sealedKey));
    return (await this.#database.query(statement)).rowCount === 1;
  }

  /** What a function of the schema said: yes or no. */
  async #says(statement: ReturnType<Prepared>): Promise<boolean> {
    const { rows } = await this.#database.query(statement);
    const [row] = rows as readonly { done: string }[];
    return row?.done === 't';
  }
}

type Name = Exclude<keyof FileStore, 'list' | 'shares'> | 'first' | 'next';
type FileStatements = Readonly<Record<Name, Prepared>>;

function statements(prepare: Prepare): FileStatements {
  const select = `SELECT ${ROW.columns} FROM @.files AS f`;
  const newest = 'ORDER BY f.created_at DESC, f.id DESC LIMIT $2';
  return {
    begin: prepare(`INSERT INTO @.files (${ROW.columns}) VALUES (${ROW.places})`),
    reserve: prepare(
      `WITH room AS (
         INSERT INTO @.file_usage AS u (owner, files, bytes) VALUES ($2, 1, $5::bigint)
         ON CONFLICT (owner) DO UPDATE SET files = u.files + 1, bytes = u.bytes + excluded.bytes
           WHERE u.files + 1 <= $13::bigint AND u.bytes + excluded.bytes <= $14::bigint RETURNING 1)
       INSERT INTO @.files (${ROW.columns})
         SELECT $1, $2, $3, $4, $5::bigint, $6, $7, $8, $9, $10::bigint, $11::bigint, $12::bigint FROM room`,
    ),
    partial: prepare(`${select} WHERE f.id = $1 AND f.state = 'partial'`),
    partials: prepare(`${select} WHERE f.owner = $1 AND f.state = 'partial' ${newest}`),
    advance: prepare("UPDATE @.files SET note = $3 WHERE id = $1 AND note = $2 AND state = 'partial'"),
    renew: prepare("UPDATE @.files SET held_until = $2 WHERE id = $1 AND state = 'arriving'"),
    complete: prepare('SELECT @.complete_file($1, $2, $3, $4, $5, $6) AS outcome'),
    find: prepare(`${select} WHERE f.id = $1 AND ${SEEN}`),
    access: prepare(
      `${select} WHERE f.id = $1 AND ${SEEN} AND (f.owner = $2 OR EXISTS
         (SELECT 1 FROM @.file_shares AS s WHERE s.file = f.id AND s.account = $2 AND s.account <> ''
            AND (s.expires_at IS NULL OR s.expires_at > $3) AND NOT (s.once AND s.used_at IS NOT NULL)))`,
    ),
    first: prepare(`${select} WHERE f.owner = $1 AND ${SEEN} ${newest}`),
    next: prepare(
      `${select} WHERE f.owner = $1 AND (f.created_at, f.id) < ($3::bigint, $4) AND ${SEEN} ${newest}`,
    ),
    usage: prepare('SELECT files, bytes FROM @.file_usage WHERE owner = $1'),
    settle: prepare('SELECT @.settle_file($1, $2, $3, $4, $5) AS done'),
    remove: prepare('SELECT @.remove_file($1, $2, $3) AS done'),
    abandoned: prepare(`${select} WHERE f.held_until <= $1 OR f.expires_at <= $1 LIMIT $2`),
    giveUp: prepare('SELECT @.give_up_file($1, $2, $3) AS done'),
    forget: prepare("DELETE FROM @.files WHERE id = $1 AND state = 'removed'"),
    waiting: prepare(`${select} WHERE f.state = 'quarantine' AND f.id > $1 ORDER BY f.id LIMIT $2`),
    after: prepare(`${select} WHERE f.id > $1 ORDER BY f.id LIMIT $2`),
    rekey: prepare('UPDATE @.files SET sealed_key = $3 WHERE id = $1 AND sealed_key = $2'),
  };
}
