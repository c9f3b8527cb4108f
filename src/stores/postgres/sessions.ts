import type {
  Admission,
  Replaced,
  SessionCap,
  SessionChange,
  SessionRecord,
  SessionStore,
} from '../ports/sessions.ts';
import { SWEEP_BATCH } from '../storable.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare } from './prepared.ts';
import { SESSION_ROW, sessionStatements, type SessionStatements } from './session-statements.ts';
import type { PostgresResult } from './pool.ts';
import { toStored } from './text.ts';

/** Sessions in PostgreSQL, shared by every process that reaches it. Each method is one statement, and so one trip. */
export class PostgresSessions implements SessionStore {
  readonly #database: PostgresDatabase;
  readonly #sql: SessionStatements;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = sessionStatements(prepare);
  }

  async find(idHash: string, now: number): Promise<SessionRecord | undefined> {
    return SESSION_ROW.records(await this.#database.query(this.#sql.find(toStored(idHash), now)))[0];
  }

  async create(record: SessionRecord): Promise<void> {
    await this.#database.query(this.#sql.create(...SESSION_ROW.values(record)));
  }

  async use(idHash: string, now: number, noteEvery: number): Promise<SessionRecord | Replaced | undefined> {
    const found = await this.#database.query(this.#sql.use(toStored(idHash), now, noteEvery));
    const [row] = found.rows as readonly (Found | NoSession)[];
    if (row === undefined || row.data !== null) return SESSION_ROW.records(found)[0];
    return row.seen_at === null ? 'replaced' : this.use(idHash, now, noteEvery);
  }

  async update(
    idHash: string,
    version: number,
    { data, device }: SessionChange,
    now: number,
  ): Promise<boolean> {
    const bound = device === undefined ? null : toStored(device);
    const statement = this.#sql.update(toStored(idHash), version, toStored(data), now, bound);
    return changed(await this.#database.query(statement)) === 1;
  }

  async replace(idHash: string, record: SessionRecord, now: number): Promise<boolean> {
    const statement = this.#sql.replace(...SESSION_ROW.values(record), toStored(idHash), now);
    return changed(await this.#database.query(statement)) === 1;
  }

  async createWithin(record: SessionRecord, cap: SessionCap, now: number): Promise<Admission> {
    const { most, endsOldest, replaces } = cap;
    const prepare = replaces === undefined ? this.#sql.createWithin : this.#sql.replaceWithin;
    const old = replaces === undefined ? null : toStored(replaces);
    const asked = [old, now, toStored(record.account ?? ''), most, endsOldest];
    const { rows } = await this.#database.query(prepare(...SESSION_ROW.values(record), ...asked));
    const [row] = rows as readonly { readonly answer: string; readonly started: string }[];
    const answer = JSON.parse(row?.answer ?? '"full"') as Admission;
    // The session before ended between the look at it and this.
    return typeof answer !== 'string' && row?.started !== 't' ? 'over' : answer;
  }

  async revoke(idHash: string): Promise<boolean> {
    return changed(await this.#database.query(this.#sql.revoke(toStored(idHash)))) === 1;
  }

  async revokeAccount(account: string, exceptIdHash?: string): Promise<number> {
    const except = exceptIdHash === undefined ? null : toStored(exceptIdHash);
    return changed(await this.#database.bulk(this.#sql.revokeAccount(toStored(account), except)));
  }

  async list(account: string, now: number): Promise<readonly SessionRecord[]> {
    // Half a surrogate pair would turn into U+FFFD on its way, and so into another account.
    return SESSION_ROW.records(await this.#database.bulk(this.#sql.list(toStored(account), now)));
  }

  async putOnceToken(idHash: string, tokenHash: string, expiresAt: number, now: number): Promise<boolean> {
    const statement = this.#sql.putOnceToken(toStored(idHash), toStored(tokenHash), expiresAt, now);
    return changed(await this.#database.query(statement)) === 1;
  }

  async takeToken(idHash: string, tokenHash: string, now: number): Promise<boolean> {
    const statement = this.#sql.takeToken(toStored(idHash), toStored(tokenHash), now);
    return changed(await this.#database.query(statement)) === 1;
  }

  async sweep(now: number): Promise<number> {
    const { rows } = await this.#database.bulk(this.#sql.sweep(now, SWEEP_BATCH));
    const [row] = rows as readonly { swept: string }[];
    return Number(row?.swept);
  }

  async count(): Promise<number> {
    const { rows } = await this.#database.bulk(this.#sql.count());
    const [row] = rows as readonly { count: string }[];
    return Number(row?.count);
  }
}

function changed({ rowCount }: PostgresResult): number {
  return rowCount ?? 0;
}

/** A session, as far as `use` looks at it. */
interface Found {
  readonly data: string;
}

/** Why there is no session, where `use` finds out: see `MET` and `GONE` of session-statements.ts. */
interface NoSession {
  readonly seen_at: string | null;
  readonly data: null;
}
