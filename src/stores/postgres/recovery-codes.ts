import type { RecoveryCodeStore } from '../ports/factors.ts';
import type { PostgresDatabase } from './open.ts';
import type { PostgresResult } from './pool.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { RECOVERY_CODES } from '../sql/factors.ts';
import { inPostgres } from './rows.ts';
import { toStored } from './text.ts';

const ROW = inPostgres(RECOVERY_CODES);

/**
 * Recovery codes in PostgreSQL: the whole set is one row. As a row for each code, two sets that are made at once would
 * both remain, and twenty codes would work.
 */
export class PostgresRecoveryCodes implements RecoveryCodeStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof RecoveryCodeStore, Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async replace(account: string, hashes: readonly string[], now: number): Promise<void> {
    // jsonb takes no NUL, even escaped: each code is written in the way of texts before it is one of a list.
    const coded = [...new Set(hashes)].map(toStored);
    await this.#database.query(this.#sql.replace(...ROW.values({ account, hashes: coded, madeAt: now })));
  }

  async take(account: string, hash: string): Promise<number | undefined> {
    return leftOf(await this.#database.query(this.#sql.take(toStored(account), toStored(hash))));
  }

  async count(account: string): Promise<number> {
    return leftOf(await this.#database.query(this.#sql.count(toStored(account)))) ?? 0;
  }
}

function statements(prepare: Prepare): Readonly<Record<keyof RecoveryCodeStore, Prepared>> {
  return {
    replace: prepare(
      `INSERT INTO @.recovery_codes (${ROW.columns}) VALUES (${ROW.places})
       ON CONFLICT (account) DO UPDATE SET hashes = excluded.hashes, made_at = excluded.made_at`,
    ),
    take: prepare(
      `UPDATE @.recovery_codes SET hashes = hashes - $2::text WHERE account = $1 AND hashes ? $2::text
       RETURNING jsonb_array_length(hashes) AS left_over`,
    ),
    count: prepare('SELECT jsonb_array_length(hashes) AS left_over FROM @.recovery_codes WHERE account = $1'),
  };
}

function leftOf({ rows }: PostgresResult): number | undefined {
  const [row] = rows as readonly { left_over: string }[];
  return row === undefined ? undefined : Number(row.left_over);
}
