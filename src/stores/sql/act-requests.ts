/** Acts that wait for a second operator: how they stand in a table. */
import type { ActRequestRecord } from '../ports/act-requests.ts';
import type { Fields } from './columns.ts';
import type { Migration } from './migration.ts';

export const ACT_REQUEST: Fields<ActRequestRecord> = {
  id: 'text',
  act: 'text',
  account: 'text',
  askedBy: 'text',
  reason: 'text',
  askedAt: 'number',
  expiresAt: 'number',
};

export const ACT_REQUEST_TABLE: Migration = {
  sqlite: `CREATE TABLE act_requests (
     id         TEXT PRIMARY KEY,
     act        TEXT NOT NULL,
     account    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     asked_by   TEXT NOT NULL,
     reason     TEXT NOT NULL,
     asked_at   INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     UNIQUE (account, act)
   ) STRICT;
   CREATE INDEX act_requests_by_end ON act_requests (expires_at);`,
  postgres: `CREATE TABLE act_requests (
     id         text COLLATE "C" PRIMARY KEY,
     act        text COLLATE "C" NOT NULL,
     account    text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     asked_by   text COLLATE "C" NOT NULL,
     reason     text NOT NULL,
     asked_at   bigint NOT NULL,
     expires_at bigint NOT NULL,
     UNIQUE (account, act)
   );
   CREATE INDEX act_requests_by_end ON act_requests (expires_at);`,
};

/** Each act is listed by itself: a hundred thousand owners who leave must not be walked through for one factor reset. */
export const ACT_REQUEST_ORDER: Migration = {
  sqlite: 'CREATE INDEX act_requests_by_act ON act_requests (act, id);',
  postgres: 'CREATE INDEX act_requests_by_act ON act_requests (act, id);',
};
