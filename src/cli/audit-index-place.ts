/** Where an index is: a file of SQLite, or a database of PostgreSQL for the logs of several machines. */
import type { EventSearch } from '../audit/index/event-search.ts';
import type { IndexPool } from '../audit/index/postgres-index.ts';
import { loadPackage } from '../core/optional-package.ts';
import { WrongUse } from './terminal.ts';

/** As much of `pg` as is used. */
interface Pg {
  readonly default: { readonly Pool: new (options: object) => IndexPool };
}

const HERE = /^(?:|localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const SAFE = new Set(['require', 'verify-ca', 'verify-full']);
// Whoever searches in PostgreSQL has it for other reasons too.
const PACKAGE: string = 'pg';
const ANSWER_MS = 60_000;

/** Whether an index is named by an address, and is no file. */
export function isDatabase(place: string): boolean {
  return /^postgres(?:ql)?:/.test(place);
}

/** Opens the index at a path, at `postgres://...`, or with `postgres:` at that of `DATABASE_URL`. */
export async function openIndex(place: string): Promise<EventSearch> {
  if (!isDatabase(place)) {
    const { EventIndex } = await import('../audit/index/event-index.ts');
    return new EventIndex(place);
  }
  const connectionString = addressOf(place);
  const pg = (await loadPackage(PACKAGE, async () => (await import(PACKAGE)) as Pg)).default;
  const pool = new pg.Pool({
    connectionString,
    max: 2,
    connectionTimeoutMillis: 10_000,
    query_timeout: ANSWER_MS,
  });
  const { PostgresIndex } = await import('../audit/index/postgres-index.ts');
  return await PostgresIndex.open(pool);
}

function addressOf(place: string): string {
  const text = /^postgres(?:ql)?:$/.test(place) ? (process.env['DATABASE_URL'] ?? '') : place;
  if (!isDatabase(text) || !URL.canParse(text))
    throw new WrongUse('postgres: takes the address from DATABASE_URL: postgres://user@host/database');
  const { hostname, searchParams } = new URL(text);
  // The log holds who did what, and when.
  if (!HERE.test(hostname) && !SAFE.has(searchParams.get('sslmode') ?? ''))
    throw new WrongUse('The log crosses no network in clear: add ?sslmode=verify-full to the address.');
  return text;
}
