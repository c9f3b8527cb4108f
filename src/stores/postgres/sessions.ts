import type { Replaced, SessionChange, SessionRecord, SessionStore } from '../ports/sessions.ts';
import { SWEEP_BATCH } from '../storable.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare } from './prepared.ts';
import { sessionStatements, type SessionStatements } from './session-statements.ts';
import type { PostgresResult } from './pool.ts';
import { fromStored, toStored } from './text.ts';

const NO_ROLES: readonly string[] = Object.freeze([]);

/** Sessions in PostgreSQL, shared by every process that reaches it. Each method is one statement, and so one trip. */
export class PostgresSessions implements SessionStore {
  readonly #database: PostgresDatabase;
  readonly #sql: SessionStatements;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = sessionStatements(prepare);
  }

  async find(idHash: string, now: number): Promise<SessionRecord | undefined> {
    return recordsOf(await this.#database.query(this.#sql.find(toStored(idHash), now)))[0];
  }

  async create(record: SessionRecord): Promise<void> {
    await this.#database.query(this.#sql.create(...valuesOf(record)));
  }

  async use(idHash: string, now: number, noteEvery: number): Promise<SessionRecord | Replaced | undefined> {
    const found = await this.#database.query(this.#sql.use(toStored(idHash), now, noteEvery));
    const [row] = found.rows as readonly (Row | NoSession)[];
    if (row === undefined || row.data !== null) return recordsOf(found)[0];
    return row.seen_at === null ? 'replaced' : this.use(idHash, now, noteEvery);
  }

  async update(idHash: string, version: number, { data }: SessionChange, now: number): Promise<boolean> {
    const statement = this.#sql.update(toStored(idHash), version, toStored(data), now);
    return changed(await this.#database.query(statement)) === 1;
  }

  async replace(idHash: string, record: SessionRecord, now: number): Promise<boolean> {
    const statement = this.#sql.replace(...valuesOf(record), toStored(idHash), now);
    return changed(await this.#database.query(statement)) === 1;
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
    return recordsOf(await this.#database.bulk(this.#sql.list(toStored(account), now)));
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

/** The values of a session, in the order of `COLUMNS`. */
function valuesOf(record: SessionRecord): readonly (string | number | null)[] {
  return [
    toStored(record.idHash),
    record.account === undefined ? null : toStored(record.account),
    toStored(JSON.stringify(record.roles)),
    record.createdAt,
    record.signedInAt ?? null,
    record.mfaAt ?? null,
    record.seenAt,
    record.expiresAt,
    record.idleMs,
    record.version,
    toStored(record.address),
    toStored(record.userAgent),
    toStored(record.data),
  ];
}

/** A row as PostgreSQL writes it: every value is a text. */
interface Row {
  readonly id_hash: string;
  readonly account: string | null;
  readonly roles: string;
  readonly created_at: string;
  readonly signed_in_at: string | null;
  readonly mfa_at: string | null;
  readonly seen_at: string;
  readonly expires_at: string;
  readonly idle_ms: string;
  readonly version: string;
  readonly address: string;
  readonly user_agent: string;
  readonly data: string;
}

/** Why there is no session, where `use` finds out: see `MET` and `GONE` of session-statements.ts. */
interface NoSession {
  readonly seen_at: string | null;
  readonly data: null;
}

function recordsOf({ rows }: PostgresResult): readonly SessionRecord[] {
  return (rows as readonly Row[]).map((row) => ({
    idHash: fromStored(row.id_hash),
    account: row.account === null ? undefined : fromStored(row.account),
    roles: row.roles === '[]' ? NO_ROLES : (JSON.parse(fromStored(row.roles)) as string[]),
    createdAt: Number(row.created_at),
    signedInAt: row.signed_in_at === null ? undefined : Number(row.signed_in_at),
    mfaAt: row.mfa_at === null ? undefined : Number(row.mfa_at),
    seenAt: Number(row.seen_at),
    expiresAt: Number(row.expires_at),
    idleMs: Number(row.idle_ms),
    version: Number(row.version),
    data: fromStored(row.data),
    address: fromStored(row.address),
    userAgent: fromStored(row.user_agent),
  }));
}
