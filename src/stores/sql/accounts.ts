/** Accounts and what belongs to them: how they stand in tables. */
import type {
  AccountRecord,
  ActivityRecord,
  ApiTokenRecord,
  GuessRecord,
  IdentityRecord,
  KnownBrowserRecord,
} from '../ports/accounts.ts';
import type { MailTokenRecord } from '../ports/mail.ts';
import type { Fields } from './columns.ts';
import type { Migration } from './migration.ts';

export const ACCOUNT: Fields<AccountRecord> = {
  id: 'text',
  email: 'text',
  emailKey: 'text',
  passwordHash: 'text?',
  roles: 'texts',
  createdAt: 'number',
  disabledAt: 'number?',
  version: 'number',
};

export const ACTIVITY: Fields<ActivityRecord> = {
  account: 'text',
  event: 'text',
  detail: 'text',
  address: 'text',
  userAgent: 'text',
  at: 'number',
};

export const API_TOKEN: Fields<ApiTokenRecord> = {
  id: 'text',
  hash: 'text',
  account: 'text',
  name: 'text',
  scopes: 'texts',
  hint: 'text',
  usedFrom: 'text',
  createdAt: 'number',
  expiresAt: 'number',
  usedAt: 'number?',
  jkt: 'text?',
};

/** What is counted; beside it the row has its key, and its end. */
export const GUESS: Fields<GuessRecord> = { failures: 'number', streak: 'number', lastAt: 'number' };

export const IDENTITY: Fields<IdentityRecord> = {
  issuer: 'text',
  subject: 'text',
  account: 'text',
  label: 'text',
  linkedAt: 'number',
  usedAt: 'number?',
};

export const KNOWN_BROWSER: Fields<KnownBrowserRecord> = {
  account: 'text',
  idHash: 'text',
  address: 'text',
  userAgent: 'text',
  createdAt: 'number',
  seenAt: 'number',
  name: 'text',
};

export const MAIL_TOKEN: Fields<MailTokenRecord> = {
  hash: 'text',
  purpose: 'text',
  subject: 'text',
  data: 'text',
  expiresAt: 'number',
};

/**
 * What belongs to an account goes with its row, what another process is adding at that moment included. `seq` tells which of
 * two came later.
 *
 * Where of many rows so many are kept, in PostgreSQL a function counts them: each of its statements looks anew, while a single
 * statement would not see what was added as it waited for its turn. Whose turn it is the row of the account says, and for
 * links, which are mailed to those without one too, a lock by name: another name of the same number only waits.
 */
export const ACCOUNT_TABLES: Migration = {
  sqlite: `CREATE TABLE accounts (
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
  postgres: `CREATE TABLE accounts (
     id            text COLLATE "C" PRIMARY KEY,
     email         text NOT NULL,
     email_key     text COLLATE "C" NOT NULL UNIQUE,
     password_hash text COLLATE "C",
     roles         text NOT NULL,
     created_at    bigint NOT NULL,
     disabled_at   bigint,
     version       bigint NOT NULL
   );

   CREATE TABLE mail_tokens (
     hash       text COLLATE "C" PRIMARY KEY,
     seq        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
     purpose    text COLLATE "C" NOT NULL,
     subject    text COLLATE "C" NOT NULL,
     data       text NOT NULL,
     expires_at bigint NOT NULL
   );
   CREATE INDEX mail_tokens_by_subject ON mail_tokens (subject, purpose);
   CREATE INDEX mail_tokens_by_end ON mail_tokens (expires_at);
   CREATE FUNCTION put_mail_token(a_hash text, a_purpose text, a_subject text, a_data text, an_end bigint, most bigint)
   RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     PERFORM pg_advisory_xact_lock(hashtextextended(a_purpose || ' of ' || a_subject, 0));
     INSERT INTO mail_tokens (hash, purpose, subject, data, expires_at)
       VALUES (a_hash, a_purpose, a_subject, a_data, an_end);
     DELETE FROM mail_tokens WHERE hash IN
       (SELECT hash FROM mail_tokens WHERE subject = a_subject AND purpose = a_purpose ORDER BY seq DESC OFFSET most);
   END $$;

   CREATE TABLE guesses (
     key        text COLLATE "C" PRIMARY KEY,
     failures   bigint NOT NULL,
     streak     bigint NOT NULL,
     last_at    bigint NOT NULL,
     expires_at bigint NOT NULL
   );
   CREATE INDEX guesses_by_end ON guesses (expires_at);

   CREATE TABLE known_devices (
     account    text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     id_hash    text COLLATE "C" NOT NULL,
     created_at bigint NOT NULL,
     seen_at    bigint NOT NULL,
     address    text NOT NULL,
     user_agent text NOT NULL,
     PRIMARY KEY (account, id_hash)
   );
   CREATE FUNCTION put_known_device(an_account text, an_id_hash text, an_address text, a_user_agent text,
     made bigint, seen bigint, most bigint)
   RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     PERFORM 1 FROM accounts WHERE id = an_account FOR NO KEY UPDATE;
     IF NOT FOUND THEN RETURN; END IF;
     INSERT INTO known_devices AS d (account, id_hash, created_at, seen_at, address, user_agent)
       VALUES (an_account, an_id_hash, made, seen, an_address, a_user_agent)
       ON CONFLICT (account, id_hash) DO UPDATE
         SET seen_at = excluded.seen_at, address = excluded.address, user_agent = excluded.user_agent
         WHERE excluded.seen_at >= d.seen_at;
     DELETE FROM known_devices WHERE account = an_account AND id_hash IN
       (SELECT id_hash FROM known_devices WHERE account = an_account
        ORDER BY seen_at DESC, id_hash = an_id_hash DESC OFFSET most);
   END $$;

   CREATE TABLE activity (
     seq        bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
     account    text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     at         bigint NOT NULL,
     event      text NOT NULL,
     detail     text NOT NULL,
     address    text NOT NULL,
     user_agent text NOT NULL
   );
   CREATE INDEX activity_by_account ON activity (account, at, seq);
   CREATE FUNCTION add_activity(an_account text, an_event text, a_detail text, an_address text, a_user_agent text,
     a_time bigint, most bigint)
   RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     PERFORM 1 FROM accounts WHERE id = an_account FOR NO KEY UPDATE;
     IF NOT FOUND THEN RETURN; END IF;
     INSERT INTO activity (account, at, event, detail, address, user_agent)
       VALUES (an_account, a_time, an_event, a_detail, an_address, a_user_agent);
     DELETE FROM activity WHERE seq IN
       (SELECT seq FROM activity WHERE account = an_account ORDER BY at DESC, seq DESC OFFSET most);
   END $$;

   CREATE TABLE identities (
     issuer    text COLLATE "C" NOT NULL,
     subject   text COLLATE "C" NOT NULL,
     seq       bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
     account   text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     label     text NOT NULL,
     linked_at bigint NOT NULL,
     used_at   bigint,
     PRIMARY KEY (issuer, subject)
   );
   CREATE INDEX identities_by_account ON identities (account);

   CREATE TABLE api_tokens (
     id         text COLLATE "C" PRIMARY KEY,
     hash       text COLLATE "C" NOT NULL UNIQUE,
     seq        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
     account    text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     name       text NOT NULL,
     scopes     text NOT NULL,
     hint       text NOT NULL,
     used_from  text NOT NULL,
     created_at bigint NOT NULL,
     expires_at bigint NOT NULL,
     used_at    bigint
   );
   CREATE INDEX api_tokens_by_account ON api_tokens (account);
   CREATE INDEX api_tokens_by_end ON api_tokens (expires_at);
   CREATE FUNCTION add_api_token(an_id text, a_hash text, an_account text, a_name text, some_scopes text, a_hint text,
     used_before_from text, made bigint, an_end bigint, used_before bigint, most bigint, now_ms bigint)
   RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     PERFORM 1 FROM accounts WHERE id = an_account FOR NO KEY UPDATE;
     IF NOT FOUND THEN RETURN false; END IF;
     IF (SELECT count(*) FROM api_tokens WHERE account = an_account AND expires_at > now_ms) >= most THEN
       RETURN false;
     END IF;
     INSERT INTO api_tokens (id, hash, account, name, scopes, hint, used_from, created_at, expires_at, used_at)
       VALUES (an_id, a_hash, an_account, a_name, some_scopes, a_hint, used_before_from, made, an_end, used_before);
     RETURN true;
   END $$;`,
};

/** Tokens that are bound to a key. */
export const TOKEN_KEY: Migration = {
  sqlite: 'ALTER TABLE api_tokens ADD COLUMN jkt TEXT;',
  postgres: `ALTER TABLE api_tokens ADD COLUMN jkt text;
   CREATE FUNCTION add_api_token(an_id text, a_hash text, an_account text, a_name text, some_scopes text, a_hint text,
     used_before_from text, made bigint, an_end bigint, used_before bigint, a_jkt text, most bigint, now_ms bigint)
   RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     IF NOT add_api_token(an_id, a_hash, an_account, a_name, some_scopes, a_hint, used_before_from, made, an_end,
       used_before, most, now_ms) THEN
       RETURN false;
     END IF;
     UPDATE api_tokens SET jkt = a_jkt WHERE id = an_id AND a_jkt IS NOT NULL;
     RETURN true;
   END $$;`,
};

/** In PostgreSQL the function of before stays, for processes of the release of before. */
export const KNOWN_BROWSER_NAME: Migration = {
  sqlite: "ALTER TABLE known_devices ADD COLUMN name TEXT NOT NULL DEFAULT ''",
  postgres: `ALTER TABLE known_devices ADD COLUMN name text NOT NULL DEFAULT '';
   CREATE FUNCTION put_known_device(an_account text, an_id_hash text, an_address text, a_user_agent text,
     made bigint, seen bigint, a_name text, most bigint)
   RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     PERFORM 1 FROM accounts WHERE id = an_account FOR NO KEY UPDATE;
     IF NOT FOUND THEN RETURN; END IF;
     INSERT INTO known_devices AS d (account, id_hash, created_at, seen_at, address, user_agent, name)
       VALUES (an_account, an_id_hash, made, seen, an_address, a_user_agent, a_name)
       ON CONFLICT (account, id_hash) DO UPDATE
         SET seen_at = excluded.seen_at, address = excluded.address, user_agent = excluded.user_agent
         WHERE excluded.seen_at >= d.seen_at;
     DELETE FROM known_devices WHERE account = an_account AND id_hash IN
       (SELECT id_hash FROM known_devices WHERE account = an_account
        ORDER BY seen_at DESC, id_hash = an_id_hash DESC OFFSET most);
   END $$;`,
};
