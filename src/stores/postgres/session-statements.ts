/**
 * The statements of sessions. PostgreSQL looks at one moment for a whole statement; only where a row it wants to change
 * was changed since does it look again, at that row as it is now (READ COMMITTED). So each condition that must hold at
 * the moment of a write stands in the statement that writes, and a successor is the row of its predecessor, changed:
 * who ends all sessions of an account meets the successor on the way to the session that was there before it.
 */
import type { SessionRecord, SessionStore } from '../ports/sessions.ts';
import { columnsOf } from '../sql/columns.ts';
import { SESSION } from '../sql/sessions.ts';
import { MAX_TOKENS, REPLACED_FOR_MS } from '../storable.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { inPostgres, type PostgresRecord } from './rows.ts';
import { sweepOf } from './sweep.ts';

const NAMES = columnsOf(SESSION).map(({ name }) => name);

/** A session, as it stands in a row. */
export const SESSION_ROW: PostgresRecord<SessionRecord> = inPostgres(SESSION);
const { columns: COLUMNS, places: PLACES } = SESSION_ROW;
/** The place after those of a whole session. */
const NEXT = NAMES.length + 1;

// `seen_at` alone says whether a use is noted: a look that is not due is a read, takes no lock and writes nothing.
const DUE = 'found.seen_at < $2 AND found.seen_at <= $2 - $3::bigint';

/** Instead of a session: it ended while its use was to be noted, and what became of it is to be asked again. */
const MET = NAMES.map((name) => (name === 'data' ? 'NULL' : name)).join(', ');
/** Instead of a session: its id was replaced. */
const GONE = NAMES.map((name) => (name === 'id_hash' ? name : 'NULL')).join(', ');

/** A statement for each method, and under its name; and one for a method that does it in two ways. */
export type SessionStatements = Readonly<Record<keyof SessionStore | 'replaceWithin', Prepared>>;

/** The answer of the function that makes room, whatever it is, and `started`: whether a session did begin. */
const ROOM = `room AS MATERIALIZED
  (SELECT @.make_session_room($${NEXT + 2}::text, $${NEXT}::text, $${NEXT + 3}::bigint, $${NEXT + 4}::boolean,
     $${NEXT + 1}::bigint) AS answer)`;
const BEGINS = "answer LIKE '[%'";
const REPLACED = `INSERT INTO @.replaced (id_hash, expires_at)
  SELECT $${NEXT}, $${NEXT + 1}::bigint + ${REPLACED_FOR_MS} FROM moved
  ON CONFLICT (id_hash) DO UPDATE SET expires_at = excluded.expires_at`;

/** Prepares the statements. `prepare` puts the schema in the place of `@`. */
export function sessionStatements(prepare: Prepare): SessionStatements {
  return {
    find: prepare(`SELECT ${COLUMNS} FROM @.sessions WHERE id_hash = $1 AND ends_at > $2`),
    create: prepare(`INSERT INTO @.sessions (${COLUMNS}) VALUES (${PLACES})`),
    // A session that ended since it was found is not noted, and then not given out either.
    use: prepare(
      `WITH found AS MATERIALIZED
         (SELECT ${COLUMNS} FROM @.sessions WHERE id_hash = $1 AND ends_at > $2),
       noted AS
         (UPDATE @.sessions AS s SET seen_at = greatest(s.seen_at, $2) FROM found
          WHERE s.id_hash = found.id_hash AND s.ends_at > $2 AND ${DUE}
          RETURNING ${NAMES.map((name) => `s.${name}`).join(', ')})
       SELECT ${COLUMNS} FROM noted UNION ALL SELECT ${COLUMNS} FROM found WHERE NOT (${DUE})
       UNION ALL SELECT ${MET} FROM found WHERE ${DUE} AND NOT EXISTS (SELECT FROM noted)
       UNION ALL SELECT ${GONE} FROM @.replaced
         WHERE id_hash = $1 AND expires_at > $2 AND NOT EXISTS (SELECT FROM found)`,
    ),
    update: prepare(
      `UPDATE @.sessions SET data = $3, device = coalesce($5, device), version = version + 1
       WHERE id_hash = $1 AND version = $2 AND ends_at > $4`,
    ),
    replace: prepare(
      `WITH dropped AS
         (DELETE FROM @.tokens USING @.sessions AS old WHERE old.id_hash = $${NEXT} AND session = old.serial),
       moved AS
         (UPDATE @.sessions SET (${COLUMNS}) = (${PLACES}), serial = DEFAULT
          WHERE id_hash = $${NEXT} AND ends_at > $${NEXT + 1} RETURNING 1)
       ${REPLACED}`,
    ),
    createWithin: prepare(
      `WITH ${ROOM},
       started AS
         (INSERT INTO @.sessions (${COLUMNS}) SELECT ${PLACES} FROM room WHERE ${BEGINS} RETURNING 1)
       SELECT answer, EXISTS (SELECT FROM started) AS started FROM room`,
    ),
    replaceWithin: prepare(
      `WITH ${ROOM},
       dropped AS
         (DELETE FROM @.tokens USING @.sessions AS old, room
          WHERE ${BEGINS} AND old.id_hash = $${NEXT} AND session = old.serial),
       moved AS
         (UPDATE @.sessions SET (${COLUMNS}) = (${PLACES}), serial = DEFAULT FROM room
          WHERE ${BEGINS} AND id_hash = $${NEXT} AND ends_at > $${NEXT + 1}::bigint RETURNING 1),
       noted AS (${REPLACED})
       SELECT answer, EXISTS (SELECT FROM moved) AS started FROM room`,
    ),
    revoke: prepare(
      `WITH dropped AS
         (DELETE FROM @.tokens USING @.sessions AS old WHERE old.id_hash = $1 AND session = old.serial)
       DELETE FROM @.sessions WHERE id_hash = $1`,
    ),
    revokeAccount: prepare(
      `WITH dropped AS
         (DELETE FROM @.tokens USING @.sessions AS old
          WHERE old.account = $1 AND old.id_hash IS DISTINCT FROM $2 AND session = old.serial)
       DELETE FROM @.sessions WHERE account = $1 AND id_hash IS DISTINCT FROM $2`,
    ),
    list: prepare(
      `SELECT ${COLUMNS} FROM @.sessions WHERE account = $1 AND ends_at > $2
       ORDER BY sessions.seen_at DESC, sessions.created_at DESC`,
    ),
    // Tokens that are left over when their session ends fit no other, and are swept at the end of both.
    putOnceToken: prepare(
      `WITH live AS (SELECT serial, expires_at FROM @.sessions WHERE id_hash = $1 AND ends_at > $4),
       dropped AS
         (DELETE FROM @.tokens WHERE seq IN
            (SELECT seq FROM @.tokens WHERE session = (SELECT serial FROM live)
             ORDER BY seq DESC OFFSET ${MAX_TOKENS - 1}))
       INSERT INTO @.tokens (session, token_hash, expires_at)
       SELECT serial, $2, least($3::bigint, expires_at) FROM live`,
    ),
    takeToken: prepare(
      `DELETE FROM @.tokens AS t USING @.sessions AS s
       WHERE s.id_hash = $1 AND s.ends_at > $3
         AND t.session = s.serial AND t.token_hash = $2 AND t.expires_at > $3`,
    ),
    sweep: prepare(
      sweepOf([
        { table: 'sessions', key: 'id_hash', end: 'ends_at' },
        { table: 'tokens', key: 'seq', end: 'expires_at' },
        { table: 'replaced', key: 'id_hash', end: 'expires_at' },
      ]),
    ),
    count: prepare('SELECT count(*) AS count FROM @.sessions'),
  };
}
