/** Session stores by themselves: Bulwark's, and what express-session keeps sessions in. */
import { hash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import session from 'express-session';
import type { SessionRecord, SessionStore } from '../../src/stores/ports.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { MIGRATIONS } from '../../src/stores/sqlite/migrations.ts';
import { openDatabase } from '../../src/stores/sqlite/open.ts';
import { SqliteSessions } from '../../src/stores/sqlite/sessions.ts';

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
  open(directory: string): SessionTable;
}

/** All of them. */
export const SESSION_SUBJECTS: readonly SessionSubject[] = [
  { name: 'bulwark, memory', most: 1_000_000, open: () => bulwarkTable(memory().sessions) },
  { name: 'bulwark, SQLite', most: 1_000_000, open: openSqlite },
  { name: 'express-session, memory', most: 1_000_000, open: openExpress },
];

const HOUR_MS = 3_600_000;

function openSqlite(directory: string): SessionTable {
  const db = openDatabase(join(directory, 'bulwark.db'), MIGRATIONS);
  const table = bulwarkTable(new SqliteSessions(db));
  return {
    find: (idHash) => table.find(idHash),
    fill: async (count) => {
      db.exec('BEGIN');
      await table.fill(count);
      db.exec('COMMIT');
    },
  };
}

function bulwarkTable(store: SessionStore): SessionTable {
  return {
    fill: async (count) => {
      const now = Date.now();
      for (let number = 0; number < count; number += 1) await store.create(recordOf(number, now));
    },
    find: async (idHash) => (await store.use(idHash, Date.now(), HOUR_MS)) !== undefined,
  };
}

function openExpress(): SessionTable {
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

function recordOf(number: number, now: number): SessionRecord {
  return {
    idHash: idHashOf(number),
    account: accountOf(number),
    roles: ['user'],
    createdAt: now,
    signedInAt: now,
    mfaAt: undefined,
    seenAt: now,
    expiresAt: now + 12 * HOUR_MS,
    idleMs: HOUR_MS,
    version: 1,
    data: '{}',
    address: '203.0.113.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
  };
}
