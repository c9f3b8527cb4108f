import type { DatabaseSync } from 'node:sqlite';
import { BulwarkError } from '../../core/errors.ts';

/** The schema of `bulwark.db`, one step a version. Steps that were released are never changed: add one. */
export const MIGRATIONS: readonly string[] = [
  // `ends_at` is the one place that says when a session is over: every statement compares with it.
  `CREATE TABLE sessions (
     id_hash      TEXT PRIMARY KEY,
     account      TEXT,
     roles        TEXT NOT NULL,
     created_at   INTEGER NOT NULL,
     signed_in_at INTEGER,
     mfa_at       INTEGER,
     seen_at      INTEGER NOT NULL,
     expires_at   INTEGER NOT NULL,
     idle_ms      INTEGER NOT NULL,
     version      INTEGER NOT NULL,
     address      TEXT NOT NULL,
     user_agent   TEXT NOT NULL,
     data         TEXT NOT NULL,
     ends_at      INTEGER NOT NULL GENERATED ALWAYS AS (min(expires_at, seen_at + idle_ms)) VIRTUAL
   ) STRICT;
   CREATE INDEX sessions_by_account ON sessions (account) WHERE account IS NOT NULL;
   CREATE INDEX sessions_by_end ON sessions (ends_at);

   CREATE TABLE tokens (
     seq        INTEGER PRIMARY KEY,
     id_hash    TEXT NOT NULL REFERENCES sessions (id_hash) ON DELETE CASCADE,
     token_hash TEXT NOT NULL,
     expires_at INTEGER NOT NULL,
     UNIQUE (id_hash, token_hash)
   ) STRICT;
   CREATE INDEX tokens_by_end ON tokens (expires_at);

   CREATE TABLE counters (
     key TEXT PRIMARY KEY,
     tat REAL NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX counters_by_end ON counters (tat);`,

  // Second factors. One row of authenticator apps and one of recovery codes an account, so that each change of them
  // is one statement.
  `CREATE TABLE totp (
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

  // Accounts. What belongs to one goes with its row, what another process is adding at that moment included. `seq` tells
  // which of two came later.
  `CREATE TABLE accounts (
     id            TEXT PRIMARY KEY,
     email         TEXT NOT NULL,
     email_key     TEXT NOT NULL UNIQUE,
     password_hash TEXT,
     roles         TEXT NOT NULL,
     created_at    INTEGER NOT NULL,
     disabled_at   INTEGER,
     version       INTEGER NOT NULL
   ) STRICT;

   CREATE TABLE mail_tokens (
     seq        INTEGER PRIMARY KEY,
     hash       TEXT NOT NULL UNIQUE,
     purpose    TEXT NOT NULL,
     subject    TEXT NOT NULL,
     data       TEXT NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX mail_tokens_by_subject ON mail_tokens (subject, purpose);
   CREATE INDEX mail_tokens_by_end ON mail_tokens (expires_at);

   CREATE TABLE guesses (
     key        TEXT PRIMARY KEY,
     failures   INTEGER NOT NULL,
     streak     INTEGER NOT NULL,
     last_at    INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX guesses_by_end ON guesses (expires_at);

   CREATE TABLE known_devices (
     account    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     id_hash    TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     seen_at    INTEGER NOT NULL,
     address    TEXT NOT NULL,
     user_agent TEXT NOT NULL,
     PRIMARY KEY (account, id_hash)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE activity (
     seq        INTEGER PRIMARY KEY,
     account    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     at         INTEGER NOT NULL,
     event      TEXT NOT NULL,
     detail     TEXT NOT NULL,
     address    TEXT NOT NULL,
     user_agent TEXT NOT NULL
   ) STRICT;
   CREATE INDEX activity_by_account ON activity (account, at);

   CREATE TABLE identities (
     issuer    TEXT NOT NULL,
     subject   TEXT NOT NULL,
     account   TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     label     TEXT NOT NULL,
     linked_at INTEGER NOT NULL,
     used_at   INTEGER,
     PRIMARY KEY (issuer, subject)
   ) STRICT;
   CREATE INDEX identities_by_account ON identities (account);

   CREATE TABLE api_tokens (
     seq        INTEGER PRIMARY KEY,
     id         TEXT NOT NULL UNIQUE,
     hash       TEXT NOT NULL UNIQUE,
     account    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     name       TEXT NOT NULL,
     scopes     TEXT NOT NULL,
     hint       TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     used_at    INTEGER,
     used_from  TEXT NOT NULL
   ) STRICT;
   CREATE INDEX api_tokens_by_account ON api_tokens (account);
   CREATE INDEX api_tokens_by_end ON api_tokens (expires_at);`,

  // Ids of sessions that went on under another moments ago.
  `CREATE TABLE replaced (
     id_hash    TEXT PRIMARY KEY,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX replaced_by_end ON replaced (expires_at);`,

  // Mails that wait to be sent.
  `CREATE TABLE outbox (
     seq        INTEGER PRIMARY KEY,
     id         TEXT NOT NULL UNIQUE,
     sealed     TEXT NOT NULL,
     held_until INTEGER NOT NULL,
     tries      INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX outbox_by_turn ON outbox (held_until);`,
];

/**
 * Brings a database to the newest version. Two processes that start at once are fine: one does it, the other waits
 * and finds it done.
 *
 * @throws BulwarkError ERR_BULWARK_STORE where the file was written by a newer release
 */
export function migrate(db: DatabaseSync, steps: readonly string[]): void {
  if (readVersion(db) === steps.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    const version = readVersion(db);
    if (version > steps.length) throw tooNew(version, steps.length);
    for (const step of steps.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${steps.length}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function readVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}

function tooNew(found: number, known: number): BulwarkError {
  return new BulwarkError(
    'ERR_BULWARK_STORE',
    `The database has schema version ${found}, and this release knows ${known}. ` +
      'Start the release that wrote it, or put back the copy made before the upgrade.',
  );
}
