import type { AccountChange, AccountRecord, AccountStore } from '../ports/accounts.ts';
import type { OutboxRecord } from '../ports/mail.ts';
import { SWEEP_BATCH } from '../storable.ts';
import { accountStatements, type AccountStatements } from './account-statements.ts';
import { PostgresActRequests } from './act-requests.ts';
import { PostgresActivity } from './activity.ts';
import { PostgresApiTokens } from './api-tokens.ts';
import { isDuplicate } from './failures.ts';
import { PostgresGuesses } from './guesses.ts';
import { PostgresIdentities } from './identities.ts';
import { PostgresKnownBrowsers } from './known-browsers.ts';
import { PostgresMailTokens } from './mail-tokens.ts';
import { outboxValues, PostgresOutbox } from './outbox.ts';
import { PostgresStays } from './stays.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare } from './prepared.ts';
import { toStored } from './text.ts';
import { ACCOUNT } from '../sql/accounts.ts';
import { inPostgres } from './rows.ts';

const ROW = inPostgres(ACCOUNT);

/** Accounts in PostgreSQL, shared by every process that reaches it. Each method is one statement. */
export class PostgresAccounts implements AccountStore {
  readonly mailTokens: PostgresMailTokens;
  readonly outbox: PostgresOutbox;
  readonly guesses: PostgresGuesses;
  readonly knownBrowsers: PostgresKnownBrowsers;
  readonly activity: PostgresActivity;
  readonly identities: PostgresIdentities;
  readonly apiTokens: PostgresApiTokens;
  readonly actRequests: PostgresActRequests;
  readonly stays: PostgresStays;
  readonly #database: PostgresDatabase;
  readonly #sql: AccountStatements;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.outbox = new PostgresOutbox(database, prepare);
    this.mailTokens = new PostgresMailTokens(database, prepare);
    this.guesses = new PostgresGuesses(database, prepare);
    this.knownBrowsers = new PostgresKnownBrowsers(database, prepare);
    this.activity = new PostgresActivity(database, prepare);
    this.identities = new PostgresIdentities(database, prepare);
    this.apiTokens = new PostgresApiTokens(database, prepare);
    this.actRequests = new PostgresActRequests(database, prepare);
    this.stays = new PostgresStays(database, prepare);
    this.#database = database;
    this.#sql = accountStatements(prepare);
  }

  async create(record: AccountRecord): Promise<boolean> {
    return (await this.#database.query(this.#sql.create(...ROW.values(record)))).rowCount === 1;
  }

  async find(id: string): Promise<AccountRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.find(toStored(id))))[0];
  }

  async findByEmail(emailKey: string): Promise<AccountRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.findByEmail(toStored(emailKey))))[0];
  }

  async change(
    id: string,
    version: number,
    change: AccountChange,
    mail?: OutboxRecord,
  ): Promise<'changed' | 'stale' | 'taken'> {
    const { email, emailKey, passwordHash, roles, disabledAt } = change;
    const statement = this.#sql.change(
      toStored(id),
      version,
      storedOrNull(email),
      storedOrNull(emailKey),
      passwordHash !== undefined,
      storedOrNull(passwordHash ?? undefined),
      roles === undefined ? null : toStored(JSON.stringify(roles)),
      disabledAt !== undefined,
      disabledAt ?? null,
      ...outboxValues(mail),
    );
    try {
      const { rows } = await this.#database.query(statement);
      const [row] = rows as readonly { outcome: 'changed' | 'stale' | 'taken' }[];
      return row?.outcome ?? 'stale';
    } catch (error) {
      // The address was free at the look, and someone else got it while this one waited.
      if (isDuplicate(error)) return 'taken';
      throw error;
    }
  }

  async replacePasswordHash(id: string, verified: string, stronger: string): Promise<boolean> {
    const statement = this.#sql.replacePasswordHash(...[id, verified, stronger].map(toStored));
    return (await this.#database.query(statement)).rowCount === 1;
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#database.bulk(this.#sql.remove(toStored(id)))).rowCount === 1;
  }

  async after(id: string | undefined, limit: number): Promise<readonly AccountRecord[]> {
    const { first, after } = this.#sql;
    const statement = id === undefined ? first(limit) : after(limit, toStored(id));
    return ROW.records(await this.#database.bulk(statement));
  }

  async afterEmail(emailKey: string | undefined, limit: number): Promise<readonly AccountRecord[]> {
    const { firstByEmail, afterEmail } = this.#sql;
    const statement = emailKey === undefined ? firstByEmail(limit) : afterEmail(limit, toStored(emailKey));
    return ROW.records(await this.#database.bulk(statement));
  }

  async sweep(now: number): Promise<number> {
    const { rows } = await this.#database.bulk(this.#sql.sweep(now, SWEEP_BATCH));
    const [row] = rows as readonly { swept: string }[];
    return Number(row?.swept);
  }
}

function storedOrNull(text: string | undefined): string | null {
  return text === undefined ? null : toStored(text);
}
