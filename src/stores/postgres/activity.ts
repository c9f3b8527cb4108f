import type { ActivityRecord, ActivityStore } from '../ports/accounts.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { toStored } from './text.ts';
import { ACTIVITY } from '../sql/accounts.ts';
import { inPostgres } from './rows.ts';

const ROW = inPostgres(ACTIVITY);

/** What accounts did, in PostgreSQL. */
export class PostgresActivity implements ActivityStore {
  readonly #database: PostgresDatabase;
  readonly #add: Prepared;
  readonly #list: Prepared;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#add = prepare('SELECT @.add_activity($1, $2, $3, $4, $5, $6, $7)');
    this.#list = prepare(
      `SELECT ${ROW.columns} FROM @.activity AS a WHERE account = $1
       ORDER BY a.at DESC, a.seq DESC LIMIT $2`,
    );
  }

  async add(record: ActivityRecord, most: number): Promise<void> {
    await this.#database.query(this.#add(...ROW.values(record), most));
  }

  async list(account: string, limit: number): Promise<readonly ActivityRecord[]> {
    return ROW.records(await this.#database.query(this.#list(toStored(account), limit)));
  }
}
