/** Sessions, their tokens, and counters: how they stand in tables. */
import type { SessionRecord } from '../ports/sessions.ts';
import type { Fields } from './columns.ts';
import type { Migration } from './migration.ts';

export const SESSION: Fields<SessionRecord> = {
  idHash: 'text',
  account: 'text?',
  roles: 'texts',
  createdAt: 'number',
  signedInAt: 'number?',
  mfaAt: 'number?',
  seenAt: 'number',
  expiresAt: 'number',
  idleMs: 'number',
  version: 'number',
  address: 'text',
  userAgent: 'text',
  data: 'text',
  device: 'text?',
};

/**
 * Sessions, tokens and counters. `ends_at` is the one place that says when a session is over: every statement compares with
 * it. In PostgreSQL `serial` is given once: a session that goes on under a new id gets another, and tokens of the one before
 * fit it no more; and names are compared byte by byte (C), whatever language the database speaks.
 */
export const SESSION_TABLES: Migration = {
  sqlite: `CREATE TABLE sessions (
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
  postgres: `CREATE TABLE sessions (
     id_hash      text COLLATE "C" PRIMARY KEY,
     serial       bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
     account      text COLLATE "C",
     roles        text NOT NULL,
     created_at   bigint NOT NULL,
     signed_in_at bigint,
     mfa_at       bigint,
     seen_at      bigint NOT NULL,
     expires_at   bigint NOT NULL,
     idle_ms      bigint NOT NULL,
     version      bigint NOT NULL,
     address      text NOT NULL,
     user_agent   text NOT NULL,
     data         text NOT NULL,
     ends_at      bigint NOT NULL GENERATED ALWAYS AS (least(expires_at, seen_at + idle_ms)) STORED
   );
   CREATE INDEX sessions_by_account ON sessions (account) WHERE account IS NOT NULL;
   CREATE INDEX sessions_by_end ON sessions (ends_at);

   CREATE TABLE tokens (
     seq        bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
     session    bigint NOT NULL,
     token_hash text COLLATE "C" NOT NULL,
     expires_at bigint NOT NULL
   );
   CREATE INDEX tokens_by_session ON tokens (session, seq);
   CREATE INDEX tokens_by_end ON tokens (expires_at);

   CREATE TABLE counters (
     key text COLLATE "C" PRIMARY KEY,
     tat double precision NOT NULL
   );
   CREATE INDEX counters_by_end ON counters (tat);`,
};

/** Ids of sessions that went on under another moments ago. */
export const REPLACED_TABLE: Migration = {
  sqlite: `CREATE TABLE replaced (
     id_hash    TEXT PRIMARY KEY,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX replaced_by_end ON replaced (expires_at);`,
  postgres: `CREATE TABLE replaced (
     id_hash    text COLLATE "C" PRIMARY KEY,
     expires_at bigint NOT NULL
   );
   CREATE INDEX replaced_by_end ON replaced (expires_at);`,
};

/** The key of the device that a session is bound to. */
export const SESSION_DEVICE: Migration = {
  sqlite: 'ALTER TABLE sessions ADD COLUMN device TEXT',
  postgres: 'ALTER TABLE sessions ADD COLUMN device text',
};
