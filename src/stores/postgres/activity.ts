import type { ActivityRecord, ActivityStore } from '../ports/accounts.ts';
import type { PostgresDatabase } from './open.ts';
import type { PostgresResult } from './pool.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { fromStored, toStored } from './text.ts';

/** What accounts did, in PostgreSQL. */
export class PostgresActivity implements ActivityStore {
  readonly #database: PostgresDatabase;
  readonly #add: Prepared;
  readonly #list: Prepared;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#add = prepare('SELECT @.add_activity($1, $2, $3, $4, $5, $6, $7)');
    this.#list = prepare(
      `SELECT account, at, event, detail, address, user_agent FROM @.activity AS a WHERE account = $1
       ORDER BY a.at DESC, a.seq DESC LIMIT $2`,
    );
  }

  async add(record: ActivityRecord, most: number): Promise<void> {
    const { account, at, event, detail, address, userAgent } = record;
    const texts = [account, event, detail, address, userAgent];
    await this.#database.query(this.#add(...texts.map(toStored), at, most));
  }

  async list(account: string, limit: number): Promise<readonly ActivityRecord[]> {
    return recordsOf(await this.#database.query(this.#list(toStored(account), limit)));
  }
}

/** A row as PostgreSQL writes it. */
interface Row {
  readonly account: string;
  readonly at: string;
  readonly event: string;
  readonly detail: string;
  readonly address: string;
  readonly user_agent: string;
}

function recordsOf({ rows }: PostgresResult): readonly ActivityRecord[] {
  return (rows as readonly Row[]).map((row) => ({
    account: fromStored(row.account),
    at: Number(row.at),
    event: fromStored(row.event),
    detail: fromStored(row.detail),
    address: fromStored(row.address),
    userAgent: fromStored(row.user_agent),
  }));
}
