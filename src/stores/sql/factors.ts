/** Second factors: how they stand in tables. */
import type { PasskeyRecord, PendingTotp, RememberedBrowserRecord, TotpFactor } from '../ports/factors.ts';
import type { Fields } from './columns.ts';
import type { Migration } from './migration.ts';

/** An app that counts. Its columns are set together: without an id there is none. */
export const TOTP: Fields<TotpFactor> = {
  id: 'text',
  sealed: 'text',
  lastStep: 'number',
  confirmedAt: 'number',
  usedAt: 'number',
};

/** One that waits for its first code, in columns of the same row that begin with {@link PENDING}. */
export const PENDING_TOTP: Fields<PendingTotp> = { id: 'text', sealed: 'text', expiresAt: 'number' };
export const PENDING = 'pending_';

/** A set of codes, in one row an account. */
export const RECOVERY_CODES: Fields<{
  readonly account: string;
  readonly hashes: readonly string[];
  readonly madeAt: number;
}> = { account: 'text', hashes: 'texts', madeAt: 'number' };

export const PASSKEY: Fields<PasskeyRecord> = {
  credentialId: 'text',
  account: 'text',
  publicKey: 'text',
  counter: 'number',
  backupEligible: 'flag',
  backedUp: 'flag',
  transports: 'texts',
  aaguid: 'text',
  name: 'text',
  createdAt: 'number',
  usedAt: 'number?',
  // In a table of its own, one an account: the last, so that the others are the columns before it.
  userHandle: 'text',
};

export const REMEMBERED_BROWSER: Fields<RememberedBrowserRecord> = {
  id: 'text',
  account: 'text',
  tokenHash: 'text',
  address: 'text',
  userAgent: 'text',
  createdAt: 'number',
  usedAt: 'number',
  expiresAt: 'number',
};

/**
 * One row of authenticator apps and one of recovery codes an account, so that each change of them is one statement. In
 * PostgreSQL each passkey of an account has a place among them: two that are added at once want the same one, and the second
 * of them sees that it was not alone. A passkey without its owner's row there cannot be.
 */
export const FACTOR_TABLES: Migration = {
  sqlite: `CREATE TABLE totp (
     account            TEXT PRIMARY KEY,
     id                 TEXT,
     sealed             TEXT,
     last_step          INTEGER,
     confirmed_at       INTEGER,
     used_at            INTEGER,
     pending_id         TEXT,
     pending_sealed     TEXT,
     pending_expires_at INTEGER
   ) STRICT;
   CREATE INDEX totp_by_end ON totp (pending_expires_at) WHERE pending_expires_at IS NOT NULL;

   CREATE TABLE recovery_codes (
     account TEXT PRIMARY KEY,
     hashes  TEXT NOT NULL,
     made_at INTEGER NOT NULL
   ) STRICT;

   CREATE TABLE passkey_users (
     account     TEXT PRIMARY KEY,
     user_handle TEXT NOT NULL UNIQUE
   ) STRICT;

   CREATE TABLE passkeys (
     credential_id   TEXT PRIMARY KEY,
     account         TEXT NOT NULL REFERENCES passkey_users (account) ON DELETE CASCADE,
     public_key      TEXT NOT NULL,
     counter         INTEGER NOT NULL,
     backup_eligible INTEGER NOT NULL,
     backed_up       INTEGER NOT NULL,
     transports      TEXT NOT NULL,
     aaguid          TEXT NOT NULL,
     name            TEXT NOT NULL,
     created_at      INTEGER NOT NULL,
     used_at         INTEGER
   ) STRICT;
   CREATE INDEX passkeys_by_account ON passkeys (account);

   CREATE TABLE devices (
     id         TEXT PRIMARY KEY,
     account    TEXT NOT NULL,
     token_hash TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     used_at    INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     address    TEXT NOT NULL,
     user_agent TEXT NOT NULL
   ) STRICT;
   CREATE INDEX devices_by_account ON devices (account);
   CREATE INDEX devices_by_end ON devices (expires_at);`,
  postgres: `CREATE TABLE totp (
     account            text COLLATE "C" PRIMARY KEY,
     id                 text COLLATE "C",
     sealed             text COLLATE "C",
     last_step          bigint,
     confirmed_at       bigint,
     used_at            bigint,
     pending_id         text COLLATE "C",
     pending_sealed     text COLLATE "C",
     pending_expires_at bigint
   );
   CREATE INDEX totp_by_end ON totp (pending_expires_at) WHERE pending_expires_at IS NOT NULL;

   CREATE TABLE recovery_codes (
     account text COLLATE "C" PRIMARY KEY,
     hashes  jsonb NOT NULL,
     made_at bigint NOT NULL
   );

   CREATE TABLE passkey_users (
     account     text COLLATE "C" PRIMARY KEY,
     user_handle text COLLATE "C" NOT NULL UNIQUE
   );

   CREATE TABLE passkeys (
     credential_id   text COLLATE "C" PRIMARY KEY,
     account         text COLLATE "C" NOT NULL REFERENCES passkey_users (account) ON DELETE CASCADE,
     place           integer NOT NULL,
     public_key      text NOT NULL,
     counter         bigint NOT NULL,
     backup_eligible boolean NOT NULL,
     backed_up       boolean NOT NULL,
     transports      text NOT NULL,
     aaguid          text NOT NULL,
     name            text NOT NULL,
     created_at      bigint NOT NULL,
     used_at         bigint,
     UNIQUE (account, place)
   );

   CREATE TABLE devices (
     id         text COLLATE "C" PRIMARY KEY,
     seq        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
     account    text COLLATE "C" NOT NULL,
     token_hash text COLLATE "C" NOT NULL,
     created_at bigint NOT NULL,
     used_at    bigint NOT NULL,
     expires_at bigint NOT NULL,
     address    text NOT NULL,
     user_agent text NOT NULL
   );
   CREATE INDEX devices_by_account ON devices (account);
   CREATE INDEX devices_by_end ON devices (expires_at);`,
};
