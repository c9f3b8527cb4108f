/** Session stores by themselves: Bulwark's, and what express-session keeps sessions in. */
import { hash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { SessionRecord, SessionStore } from '../../src/stores/ports/sessions.ts';
import { memory } from '../../src/stores/memory/state.ts';

/** Sessions by number: the stores are filled with the first so many. */
export interface SessionTable {
  fill(count: number): Promise<void>;
  /** Looks up the one of this hash. */
  find(idHash: string): Promise<boolean>;
}

/** A store to measure. */
export interface SessionSubject {
  readonly name: string;
  readonly most: number;
  /** Its package is loaded when it is opened: a process measures one of them. */
  open(directory: string): Promise<SessionTable>;
}

/** All of them. */
export const SESSION_SUBJECTS: readonly SessionSubject[] = [
  { name: 'bulwark, memory', most: 1_000_000, open: () => Promise.resolve(bulwarkTable(memory().sessions)) },
  { name: 'bulwark, SQLite', most: 1_000_000, open: openSqlite },
  { name: 'express-session, memory', most: 1_000_000, open: openExpress },
];

const HOUR_MS = 3_600_000;

async function openSqlite(directory: string): Promise<SessionTable> {
  const [{ SQLITE_STEPS }, { openDatabase }, { SqliteSessions }] = await Promise.all([
    import('../../src/stores/sql/migrations.ts'),
    import('../../src/stores/sqlite/open.ts'),
    import('../../src/stores/sqlite/sessions.ts'),
  ]);
  const db = openDatabase(join(directory, 'bulwark.db'), SQLITE_STEPS);
  const table = bulwarkTable(new SqliteSessions(db));
  return {
    find: (idHash) => table.find(idHash),
    fill: async (count) => {
      // With the cache as it is, filling takes minutes: nothing but the filling has more.
      db.exec('PRAGMA cache_size = -500000; BEGIN');
      await table.fill(count);
      db.exec('COMMIT; PRAGMA cache_size = -2000');
    },
  };
}

function bulwarkTable(store: SessionStore): SessionTable {
  return {
    fill: async (count) => {
      const now = Date.now();
      for (let number = 0; number < count; number += 1) {
        await store.create(recordOf(number, now));
      }
    },
    find: async (idHash) => (await store.use(idHash, Date.now(), HOUR_MS)) !== undefined,
  };
}

async function openExpress(): Promise<SessionTable> {
  const { default: session } = await import('express-session');
  const store = new session.MemoryStore();
  const cookie = { originalMaxAge: null, httpOnly: true, path: '/' };
  return {
    fill: async (count) => {
      for (let number = 0; number < count; number += 1) {
        store.set(idHashOf(number), { cookie, account: accountOf(number) });
      }
      return Promise.resolve();
    },
    find: (idHash) => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      store.get(idHash, (_error, found) => resolve(found !== undefined && found !== null));
      return promise;
    },
  };
}

const SALT = randomBytes(8).toString('hex');

/** The hash of the id of a session, as it is stored. */
export function idHashOf(number: number): string {
  return hash('sha256', `${SALT}.${number}`, 'base64url');
}

function accountOf(number: number): string {
  return `account-${number % 1000}@bench.example`;
}

/** A session by its number. */
export function recordOf(number: number, now: number): SessionRecord {
  return {
    idHash: idHashOf(number),
    account: accountOf(number),
    roles: ['user'],
    createdAt: now,
    signedInAt: now,
    mfaAt: undefined,
    device: undefined,
    seenAt: now,
    expiresAt: now + 12 * HOUR_MS,
    idleMs: HOUR_MS,
    version: 1,
    data: '{}',
    address: '203.0.113.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
  };
}
