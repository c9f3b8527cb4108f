import type { FilePlace, FileShareRecord, FileShareStore, SharedFile } from '../ports/files.ts';
import { FILE, FILE_SHARE, SEEN } from '../sql/files.ts';
import type { PostgresDatabase } from './open.ts';
import type { PostgresResult } from './pool.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { inPostgres, type Row } from './rows.ts';
import { toStored } from './text.ts';

const ROW = inPostgres(FILE_SHARE);
const FILE_ROW = inPostgres(FILE);
const SHARE_ROW = inPostgres(FILE_SHARE, 'share_');

/** Who else may have files, in PostgreSQL. */
export class PostgresFileShares implements FileShareStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<Name, Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async add(share: FileShareRecord, most: number, now: number): Promise<boolean> {
    const { rows } = await this.#database.query(this.#sql.add(...ROW.values(share), most, now));
    const [row] = rows as readonly { added: string }[];
    return row?.added === 't';
  }

  async find(id: string, now: number): Promise<SharedFile | undefined> {
    return sharedOf(await this.#database.query(this.#sql.find(now, toStored(id))))[0];
  }

  async use(id: string, now: number): Promise<boolean> {
    return (await this.#database.query(this.#sql.use(now, toStored(id)))).rowCount === 1;
  }

  async list(file: string, now: number): Promise<readonly FileShareRecord[]> {
    return ROW.records(await this.#database.query(this.#sql.list(now, toStored(file))));
  }

  async listWith(
    account: string,
    behind: FilePlace | undefined,
    limit: number,
    now: number,
  ): Promise<readonly SharedFile[]> {
    const { first, next } = this.#sql;
    const statement =
      behind === undefined
        ? first(now, toStored(account), limit)
        : next(now, toStored(account), limit, behind.createdAt, toStored(behind.id));
    return sharedOf(await this.#database.query(statement));
  }

  async remove(file: string, id: string): Promise<boolean> {
    return (await this.#database.query(this.#sql.remove(toStored(file), toStored(id)))).rowCount === 1;
  }
}

function sharedOf({ rows }: PostgresResult): readonly SharedFile[] {
  return (rows as readonly Row[]).map((row) => ({
    file: FILE_ROW.record(row),
    share: SHARE_ROW.record(row),
  }));
}

type Name = Exclude<keyof FileShareStore, 'listWith'> | 'first' | 'next';

function statements(prepare: Prepare): Readonly<Record<Name, Prepared>> {
  const live =
    '(s.expires_at IS NULL OR s.expires_at > $1::bigint) AND NOT (s.once AND s.used_at IS NOT NULL)';
  const columns = (of: string, names: string, prefix = ''): string =>
    names
      .split(', ')
      .map((name) => `${of}.${name}${prefix === '' ? '' : ` AS ${prefix}${name}`}`)
      .join(', ');
  const both = `SELECT ${columns('f', FILE_ROW.columns)}, ${columns('s', ROW.columns, 'share_')}
    FROM @.file_shares AS s JOIN @.files AS f ON f.id = s.file AND f.${SEEN}`;
  const given = `${both} WHERE s.account = $2 AND s.account <> '' AND ${live}`;
  const newest = 'ORDER BY s.created_at DESC, s.id DESC';
  return {
    add: prepare('SELECT @.add_file_share($1, $2, $3, $4, $5, $6, $7, $8, $9) AS added'),
    find: prepare(`${both} WHERE s.id = $2 AND ${live}`),
    use: prepare(`UPDATE @.file_shares AS s SET used_at = $1 WHERE s.id = $2 AND ${live}`),
    list: prepare(`SELECT ${ROW.columns} FROM @.file_shares AS s WHERE s.file = $2 AND ${live} ${newest}`),
    first: prepare(`${given} ${newest} LIMIT $3`),
    next: prepare(`${given} AND (s.created_at, s.id) < ($4::bigint, $5) ${newest} LIMIT $3`),
    remove: prepare('DELETE FROM @.file_shares WHERE file = $1 AND id = $2'),
  };
}
