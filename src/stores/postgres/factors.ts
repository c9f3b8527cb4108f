import type { FactorStore } from '../ports/factors.ts';
import { SWEEP_BATCH } from '../storable.ts';
import { PostgresRememberedBrowsers } from './remembered-browsers.ts';
import type { PostgresDatabase } from './open.ts';
import { PostgresPasskeys } from './passkeys.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { PostgresRecoveryCodes } from './recovery-codes.ts';
import { toStored } from './text.ts';
import { PostgresTotp } from './totp.ts';

/** Second factors in PostgreSQL, shared by every process that reaches it. Each method is one statement. */
export class PostgresFactors implements FactorStore {
  readonly totp: PostgresTotp;
  readonly recoveryCodes: PostgresRecoveryCodes;
  readonly passkeys: PostgresPasskeys;
  readonly rememberedBrowsers: PostgresRememberedBrowsers;
  readonly #database: PostgresDatabase;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.totp = new PostgresTotp(database, prepare);
    this.recoveryCodes = new PostgresRecoveryCodes(database, prepare);
    this.passkeys = new PostgresPasskeys(database, prepare);
    this.rememberedBrowsers = new PostgresRememberedBrowsers(database, prepare);
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async removeAccount(account: string): Promise<void> {
    await this.#database.query(this.#sql.removeAccount(toStored(account)));
  }

  async sweep(now: number): Promise<number> {
    const { rows } = await this.#database.bulk(this.#sql.sweep(now, SWEEP_BATCH));
    const [row] = rows as readonly { swept: string }[];
    return Number(row?.swept);
  }
}

function statements(prepare: Prepare): Readonly<Record<'removeAccount' | 'sweep', Prepared>> {
  return {
    // The passkeys of an account go with its row, one that is being added at this moment too.
    removeAccount: prepare(
      `WITH apps AS (DELETE FROM @.totp WHERE account = $1),
       codes AS (DELETE FROM @.recovery_codes WHERE account = $1),
       users AS (DELETE FROM @.passkey_users WHERE account = $1)
       DELETE FROM @.devices WHERE account = $1`,
    ),
    // Rows that someone else holds are left for the next time. What makes one superfluous is asked again by the statement
    // that deletes it: an app that was confirmed meanwhile is someone's second factor.
    sweep: prepare(
      `WITH over AS
         (DELETE FROM @.devices WHERE id IN
            (SELECT id FROM @.devices WHERE expires_at <= $1 LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
          RETURNING 1),
       vain AS
         (DELETE FROM @.totp WHERE id IS NULL AND pending_expires_at <= $1 AND account IN
            (SELECT account FROM @.totp WHERE id IS NULL AND pending_expires_at <= $1
             LIMIT $2::bigint - (SELECT count(*) FROM over) FOR UPDATE SKIP LOCKED)
          RETURNING 1),
       late AS
         (UPDATE @.totp SET pending_id = NULL, pending_sealed = NULL, pending_expires_at = NULL
          WHERE id IS NOT NULL AND pending_expires_at <= $1 AND account IN
            (SELECT account FROM @.totp WHERE id IS NOT NULL AND pending_expires_at <= $1
             LIMIT $2::bigint - (SELECT count(*) FROM over) - (SELECT count(*) FROM vain) FOR UPDATE SKIP LOCKED)
          RETURNING 1)
       SELECT (SELECT count(*) FROM over) + (SELECT count(*) FROM vain) + (SELECT count(*) FROM late) AS swept`,
    ),
  };
}
