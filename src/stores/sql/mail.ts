/** Mails that wait to be sent: how they stand in a table. */
import type { OutboxRecord } from '../ports/mail.ts';
import type { Fields } from './columns.ts';
import type { Migration } from './migration.ts';

export const OUTBOX: Fields<OutboxRecord> = {
  id: 'text',
  sealed: 'text',
  heldUntil: 'number',
  tries: 'number',
  expiresAt: 'number',
};

/** In the order in which they came. */
export const OUTBOX_TABLE: Migration = {
  sqlite: `CREATE TABLE outbox (
     seq        INTEGER PRIMARY KEY,
     id         TEXT NOT NULL UNIQUE,
     sealed     TEXT NOT NULL,
     held_until INTEGER NOT NULL,
     tries      INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX outbox_by_turn ON outbox (held_until);`,
  postgres: `CREATE TABLE outbox (
     id         text COLLATE "C" PRIMARY KEY,
     seq        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
     sealed     text NOT NULL,
     held_until bigint NOT NULL,
     tries      bigint NOT NULL,
     expires_at bigint NOT NULL
   );
   CREATE INDEX outbox_by_turn ON outbox (held_until);`,
};
