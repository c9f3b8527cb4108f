/** Files and who may have them: how they stand in tables. */
import type { FileRecord, FileShareRecord } from '../ports/files.ts';
import type { Fields } from './columns.ts';
import type { Migration } from './migration.ts';

export const FILE: Fields<FileRecord> = {
  id: 'text',
  owner: 'text',
  name: 'text',
  type: 'text',
  size: 'number',
  sha256: 'text',
  state: 'text',
  note: 'text',
  sealedKey: 'text',
  createdAt: 'number',
  heldUntil: 'number?',
  expiresAt: 'number?',
};

export const FILE_SHARE: Fields<FileShareRecord> = {
  id: 'text',
  file: 'text',
  account: 'text',
  once: 'flag',
  createdAt: 'number',
  expiresAt: 'number?',
  usedAt: 'number?',
};

/** What is seen of files, as a condition. */
export const SEEN = "state IN ('quarantine', 'ready', 'refused')";

/**
 * What an account keeps is a row of its own, changed by the step that adds or removes a file: a sum over a million rows would
 * cost each upload as much as all before it, and two at once would both see room for one.
 *
 * The functions of PostgreSQL lock the row of a file, and then that of its owner: in this order everywhere, so that none waits
 * for another in a circle.
 */
export const FILE_TABLES: Migration = {
  sqlite: `CREATE TABLE files (
     id         TEXT PRIMARY KEY,
     owner      TEXT NOT NULL,
     name       TEXT NOT NULL,
     type       TEXT NOT NULL,
     size       INTEGER NOT NULL,
     sha256     TEXT NOT NULL,
     state      TEXT NOT NULL,
     note       TEXT NOT NULL,
     sealed_key TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     held_until INTEGER,
     expires_at INTEGER
   ) STRICT;
   CREATE INDEX files_by_owner ON files (owner, created_at, id);
   CREATE INDEX files_by_hold ON files (held_until) WHERE held_until IS NOT NULL;
   CREATE INDEX files_by_end ON files (expires_at) WHERE expires_at IS NOT NULL;
   CREATE INDEX files_waiting ON files (id) WHERE state = 'quarantine';

   CREATE TABLE file_usage (
     owner TEXT PRIMARY KEY,
     files INTEGER NOT NULL,
     bytes INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE file_shares (
     id         TEXT PRIMARY KEY,
     file       TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
     account    TEXT NOT NULL,
     once       INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     expires_at INTEGER,
     used_at    INTEGER
   ) STRICT;
   CREATE INDEX file_shares_by_file ON file_shares (file);
   CREATE INDEX file_shares_by_account ON file_shares (account, created_at, id) WHERE account <> '';`,
  postgres: `CREATE TABLE files (
     id         text COLLATE "C" PRIMARY KEY,
     owner      text COLLATE "C" NOT NULL,
     name       text NOT NULL,
     type       text NOT NULL,
     size       bigint NOT NULL,
     sha256     text NOT NULL,
     state      text COLLATE "C" NOT NULL,
     note       text NOT NULL,
     sealed_key text COLLATE "C" NOT NULL,
     created_at bigint NOT NULL,
     held_until bigint,
     expires_at bigint
   );
   CREATE INDEX files_by_owner ON files (owner, created_at, id);
   CREATE INDEX files_by_hold ON files (held_until) WHERE held_until IS NOT NULL;
   CREATE INDEX files_by_end ON files (expires_at) WHERE expires_at IS NOT NULL;
   CREATE INDEX files_waiting ON files (id) WHERE state = 'quarantine';

   CREATE TABLE file_usage (
     owner text COLLATE "C" PRIMARY KEY,
     files bigint NOT NULL,
     bytes bigint NOT NULL
   );

   CREATE TABLE file_shares (
     id         text COLLATE "C" PRIMARY KEY,
     file       text COLLATE "C" NOT NULL REFERENCES files (id) ON DELETE CASCADE,
     account    text COLLATE "C" NOT NULL,
     once       boolean NOT NULL,
     created_at bigint NOT NULL,
     expires_at bigint,
     used_at    bigint
   );
   CREATE INDEX file_shares_by_file ON file_shares (file);
   CREATE INDEX file_shares_by_account ON file_shares (account, created_at, id) WHERE account <> '';

   CREATE FUNCTION complete_file(an_id text, a_size bigint, a_digest text, a_state text, most_files bigint, most_bytes bigint)
   RETURNS text LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE of_whom text;
   BEGIN
     SELECT owner INTO of_whom FROM files WHERE id = an_id AND state = 'arriving' FOR UPDATE;
     IF NOT FOUND THEN RETURN 'gone'; END IF;
     INSERT INTO file_usage (owner, files, bytes) VALUES (of_whom, 0, 0) ON CONFLICT DO NOTHING;
     UPDATE file_usage SET files = files + 1, bytes = bytes + a_size
       WHERE owner = of_whom AND files + 1 <= most_files AND bytes + a_size <= most_bytes;
     IF NOT FOUND THEN RETURN 'full'; END IF;
     UPDATE files SET size = a_size, sha256 = a_digest, state = a_state, held_until = NULL WHERE id = an_id;
     RETURN 'kept';
   END $$;

   CREATE FUNCTION settle_file(an_id text, seen text, a_state text, a_note text)
   RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE of_whom text; weight bigint;
   BEGIN
     UPDATE files SET state = a_state, note = a_note WHERE id = an_id AND state = seen
       RETURNING owner, size INTO of_whom, weight;
     IF NOT FOUND THEN RETURN false; END IF;
     IF a_state = 'refused' THEN
       UPDATE file_usage SET files = files - 1, bytes = bytes - weight WHERE owner = of_whom;
     END IF;
     RETURN true;
   END $$;

   CREATE FUNCTION remove_file(of_whom text, an_id text, until bigint)
   RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE before text; weight bigint;
   BEGIN
     SELECT state, size INTO before, weight FROM files
       WHERE id = an_id AND owner = of_whom AND ${SEEN} FOR UPDATE;
     IF NOT FOUND THEN RETURN false; END IF;
     UPDATE files SET state = 'removed', held_until = until WHERE id = an_id;
     IF before <> 'refused' THEN
       UPDATE file_usage SET files = files - 1, bytes = bytes - weight WHERE owner = of_whom;
     END IF;
     DELETE FROM file_shares WHERE file = an_id;
     RETURN true;
   END $$;

   CREATE FUNCTION add_file_share(an_id text, a_file text, an_account text, is_once boolean, made bigint, an_end bigint,
     used_before bigint, most bigint, now_ms bigint)
   RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     PERFORM 1 FROM files WHERE id = a_file AND ${SEEN} FOR NO KEY UPDATE;
     IF NOT FOUND THEN RETURN false; END IF;
     IF (SELECT count(*) FROM file_shares WHERE file = a_file AND (expires_at IS NULL OR expires_at > now_ms)
           AND NOT (once AND used_at IS NOT NULL) AND (account = '' OR account <> an_account)) >= most THEN
       RETURN false;
     END IF;
     DELETE FROM file_shares WHERE file = a_file AND account = an_account AND account <> '';
     INSERT INTO file_shares (id, file, account, once, created_at, expires_at, used_at)
       VALUES (an_id, a_file, an_account, is_once, made, an_end, used_before);
     RETURN true;
   END $$;`,
};

/** Refused files end, also those of before, and a new share of a file takes the dead ones along: neither had a bound. */
export const FILE_ENDS: Migration = {
  sqlite: `${endRefused('min')};`,
  postgres: `${endRefused('least')};

   -- Beside the one of four arguments, which processes of the release before still call.
   CREATE FUNCTION settle_file(an_id text, seen text, a_state text, a_note text, an_end bigint)
   RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE of_whom text; weight bigint;
   BEGIN
     UPDATE files SET state = a_state, note = a_note, expires_at = coalesce(an_end, expires_at)
       WHERE id = an_id AND state = seen RETURNING owner, size INTO of_whom, weight;
     IF NOT FOUND THEN RETURN false; END IF;
     IF a_state = 'refused' THEN
       UPDATE file_usage SET files = files - 1, bytes = bytes - weight WHERE owner = of_whom;
     END IF;
     RETURN true;
   END $$;

   CREATE OR REPLACE FUNCTION add_file_share(an_id text, a_file text, an_account text, is_once boolean, made bigint,
     an_end bigint, used_before bigint, most bigint, now_ms bigint)
   RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     PERFORM 1 FROM files WHERE id = a_file AND ${SEEN} FOR NO KEY UPDATE;
     IF NOT FOUND THEN RETURN false; END IF;
     DELETE FROM file_shares WHERE file = a_file AND (expires_at <= now_ms OR (once AND used_at IS NOT NULL));
     IF (SELECT count(*) FROM file_shares WHERE file = a_file AND (account = '' OR account <> an_account)) >= most THEN
       RETURN false;
     END IF;
     DELETE FROM file_shares WHERE file = a_file AND account = an_account AND account <> '';
     INSERT INTO file_shares (id, file, account, once, created_at, expires_at, used_at)
       VALUES (an_id, a_file, an_account, is_once, made, an_end, used_before);
     RETURN true;
   END $$;`,
};

/** Files that come in parts: their room is taken when they begin, and comes back where they are given up. */
export const FILE_PARTS: Migration = {
  sqlite: `CREATE INDEX files_partial ON files (owner, created_at, id) WHERE state = 'partial';`,
  postgres: `CREATE INDEX files_partial ON files (owner, created_at, id) WHERE state = 'partial';

   CREATE OR REPLACE FUNCTION complete_file(an_id text, a_size bigint, a_digest text, a_state text, most_files bigint,
     most_bytes bigint)
   RETURNS text LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE of_whom text; before text; weight bigint;
   BEGIN
     SELECT owner, state, size INTO of_whom, before, weight FROM files
       WHERE id = an_id AND state IN ('arriving', 'partial') FOR UPDATE;
     IF NOT FOUND OR (before = 'partial' AND weight <> a_size) THEN RETURN 'gone'; END IF;
     IF before = 'partial' THEN
       UPDATE files SET sha256 = a_digest, state = a_state, note = '', held_until = NULL, expires_at = NULL
         WHERE id = an_id;
       RETURN 'kept';
     END IF;
     INSERT INTO file_usage (owner, files, bytes) VALUES (of_whom, 0, 0) ON CONFLICT DO NOTHING;
     UPDATE file_usage SET files = files + 1, bytes = bytes + a_size
       WHERE owner = of_whom AND files + 1 <= most_files AND bytes + a_size <= most_bytes;
     IF NOT FOUND THEN RETURN 'full'; END IF;
     UPDATE files SET size = a_size, sha256 = a_digest, state = a_state, held_until = NULL WHERE id = an_id;
     RETURN 'kept';
   END $$;

   CREATE FUNCTION give_up_file(an_id text, held_before bigint, until bigint)
   RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE of_whom text; before text; weight bigint;
   BEGIN
     SELECT owner, state, size INTO of_whom, before, weight FROM files
       WHERE id = an_id AND state IN ('arriving', 'partial') AND coalesce(held_until, 0) <= held_before FOR UPDATE;
     IF NOT FOUND THEN RETURN false; END IF;
     UPDATE files SET state = 'removed', held_until = until WHERE id = an_id;
     IF before = 'partial' THEN
       UPDATE file_usage SET files = files - 1, bytes = bytes - weight WHERE owner = of_whom;
     END IF;
     RETURN true;
   END $$;`,
};

/** Of those of before it is not known when they were refused: 30 days from when they came. */
function endRefused(lesser: string): string {
  const end = `created_at + ${30 * 24 * 60 * 60_000}`;
  return `UPDATE files SET expires_at = ${lesser}(coalesce(expires_at, ${end}), ${end}) WHERE state = 'refused'`;
}
