/** Browsers that stay signed in: how they stand in a table. */
import type { StayRecord } from '../ports/stays.ts';
import type { Fields } from './columns.ts';
import type { Migration } from './migration.ts';

export const STAY: Fields<StayRecord> = {
  id: 'text',
  account: 'text',
  tokenHash: 'text',
  address: 'text',
  userAgent: 'text',
  createdAt: 'number',
  usedAt: 'number',
  expiresAt: 'number',
};

/** As with known browsers, in PostgreSQL the row of the account says whose turn it is, so that no more are kept than may be. */
export const STAY_TABLE: Migration = {
  sqlite: `CREATE TABLE stays (
     seq        INTEGER PRIMARY KEY,
     id         TEXT NOT NULL UNIQUE,
     account    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     token_hash TEXT NOT NULL,
     address    TEXT NOT NULL,
     user_agent TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     used_at    INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX stays_by_account ON stays (account);
   CREATE INDEX stays_by_end ON stays (expires_at);`,
  postgres: `CREATE TABLE stays (
     id         text COLLATE "C" PRIMARY KEY,
     seq        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
     account    text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     token_hash text COLLATE "C" NOT NULL,
     address    text NOT NULL,
     user_agent text NOT NULL,
     created_at bigint NOT NULL,
     used_at    bigint NOT NULL,
     expires_at bigint NOT NULL
   );
   CREATE INDEX stays_by_account ON stays (account);
   CREATE INDEX stays_by_end ON stays (expires_at);
   CREATE FUNCTION put_stay(an_id text, an_account text, a_hash text, an_address text, a_user_agent text,
     made bigint, used bigint, an_end bigint, most bigint)
   RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     PERFORM 1 FROM accounts WHERE id = an_account FOR NO KEY UPDATE;
     IF NOT FOUND THEN RETURN; END IF;
     INSERT INTO stays (id, account, token_hash, address, user_agent, created_at, used_at, expires_at)
       VALUES (an_id, an_account, a_hash, an_address, a_user_agent, made, used, an_end);
     DELETE FROM stays WHERE id IN
       (SELECT id FROM stays WHERE account = an_account ORDER BY created_at DESC, seq DESC OFFSET most);
   END $$;`,
};
