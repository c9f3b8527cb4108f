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

/**
 * Makes room for one more session of an account, and answers with JSON: the ids of those that ended for it, "full" or "over".
 * Whoever asks for one account waits until the statement before is done, the insert of its session too: the lock ends with it.
 * Only a function sees what was written while it waited, a look for each of its statements. Under REPEATABLE READ none does,
 * so that the count would be too low: refused. A session that goes on under a new id between count and end is met again by
 * the next round. SQLite writes one at a time, and needs none of it.
 */
export const SESSION_ROOM: Migration = {
  sqlite: 'SELECT 1',
  postgres: `CREATE FUNCTION make_session_room
       (owner text, successor_of text, most bigint, ends_oldest boolean, at_ms bigint) RETURNS text
     LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $room$
     DECLARE
       others bigint;
       ended text[] := '{}';
       gone text[];
     BEGIN
       IF current_setting('transaction_isolation') = 'repeatable read' THEN
         RAISE EXCEPTION 'session.perAccount cannot be kept under REPEATABLE READ'
           USING HINT = 'Set default_transaction_isolation to read committed for this role.';
       END IF;
       PERFORM pg_advisory_xact_lock(hashtextextended('bulwark sessions ' || current_schema() || ' ' || owner, 0));
       IF successor_of IS NOT NULL
         AND NOT EXISTS (SELECT FROM sessions WHERE id_hash = successor_of AND ends_at > at_ms) THEN
         RETURN '"over"';
       END IF;
       LOOP
         SELECT count(*) INTO others FROM sessions
           WHERE account = owner AND ends_at > at_ms AND id_hash IS DISTINCT FROM successor_of;
         EXIT WHEN others < most;
         IF NOT ends_oldest THEN
           RETURN '"full"';
         END IF;
         WITH oldest AS
           (SELECT id_hash, serial FROM sessions
            WHERE account = owner AND ends_at > at_ms AND id_hash IS DISTINCT FROM successor_of
            ORDER BY created_at, id_hash LIMIT others - most + 1),
         dropped AS (DELETE FROM tokens WHERE session IN (SELECT serial FROM oldest)),
         deleted AS
           (DELETE FROM sessions USING oldest WHERE sessions.id_hash = oldest.id_hash RETURNING sessions.id_hash)
         SELECT coalesce(array_agg(id_hash), '{}') INTO gone FROM deleted;
         ended := ended || gone;
       END LOOP;
       RETURN array_to_json(ended)::text;
     END
     $room$`,
};
