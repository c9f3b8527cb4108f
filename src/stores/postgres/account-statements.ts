/**
 * The statements of accounts themselves. As with sessions, each condition that must hold at the moment of a write stands
 * in the statement that writes.
 */
import { OUTBOX_COLUMNS } from './outbox.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { sweepOf } from './sweep.ts';
import { ACCOUNT } from '../sql/accounts.ts';
import { inPostgres } from './rows.ts';

const ROW = inPostgres(ACCOUNT);

type Name =
  | 'create'
  | 'find'
  | 'findByEmail'
  | 'change'
  | 'replacePasswordHash'
  | 'remove'
  | 'first'
  | 'after'
  | 'firstByEmail'
  | 'afterEmail'
  | 'sweep';

/** By what each does. */
export type AccountStatements = Readonly<Record<Name, Prepared>>;

/** Prepares the statements. `prepare` puts the schema in the place of `@`. */
export function accountStatements(prepare: Prepare): AccountStatements {
  return {
    create: prepare(`INSERT INTO @.accounts (${ROW.columns}) VALUES (${ROW.places}) ON CONFLICT DO NOTHING`),
    find: prepare(`SELECT ${ROW.columns} FROM @.accounts WHERE id = $1`),
    findByEmail: prepare(`SELECT ${ROW.columns} FROM @.accounts WHERE email_key = $1`),
    // A look at the address first: what the index refuses is written to the log of the database, address and all.
    change: prepare(
      `WITH seen AS
         (SELECT EXISTS (SELECT 1 FROM @.accounts WHERE id = $1 AND version = $2::bigint) AS current,
            EXISTS (SELECT 1 FROM @.accounts WHERE email_key = $4 AND id <> $1) AS taken),
       changed AS
         (UPDATE @.accounts SET email = coalesce($3, email), email_key = coalesce($4, email_key),
            password_hash = CASE WHEN $5::boolean THEN $6 ELSE password_hash END, roles = coalesce($7, roles),
            disabled_at = CASE WHEN $8::boolean THEN $9::bigint ELSE disabled_at END, version = version + 1
          WHERE id = $1 AND version = $2::bigint AND NOT (SELECT taken FROM seen)
          RETURNING 1),
       told AS
         (INSERT INTO @.outbox (${OUTBOX_COLUMNS})
          SELECT $10, $11, $12::bigint, $13::bigint, $14::bigint FROM changed WHERE $10::text IS NOT NULL)
       SELECT CASE WHEN EXISTS (SELECT 1 FROM changed) THEN 'changed'
         WHEN current AND taken THEN 'taken' ELSE 'stale' END AS outcome FROM seen`,
    ),
    replacePasswordHash: prepare(
      'UPDATE @.accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2',
    ),
    remove: prepare(
      `WITH links AS (DELETE FROM @.mail_tokens WHERE subject = $1)
       DELETE FROM @.accounts WHERE id = $1`,
    ),
    first: prepare(`SELECT ${ROW.columns} FROM @.accounts ORDER BY id LIMIT $1`),
    after: prepare(`SELECT ${ROW.columns} FROM @.accounts WHERE id > $2 ORDER BY id LIMIT $1`),
    firstByEmail: prepare(`SELECT ${ROW.columns} FROM @.accounts ORDER BY email_key LIMIT $1`),
    afterEmail: prepare(
      `SELECT ${ROW.columns} FROM @.accounts WHERE email_key > $2 ORDER BY email_key LIMIT $1`,
    ),
    sweep: prepare(
      sweepOf([
        { table: 'mail_tokens', key: 'hash', end: 'expires_at' },
        { table: 'guesses', key: 'key', end: 'expires_at' },
        { table: 'api_tokens', key: 'id', end: 'expires_at' },
        { table: 'act_requests', key: 'id', end: 'expires_at' },
        { table: 'stays', key: 'id', end: 'expires_at' },
      ]),
    ),
  };
}
