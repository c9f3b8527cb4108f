/** Limiters by themselves: Bulwark's table, and what the peers keep their counts in. */
import { createRequire } from 'node:module';
import { MemoryStore as ExpressStore, rateLimit } from 'express-rate-limit';
import { MemoryStore as HonoStore, rateLimiter } from 'hono-rate-limiter';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { RateTable } from '../../src/rate-limit/rate-table.ts';
import { limitsOptions } from '../../src/rate-limit/limits.options.ts';

/** Counts one request. False: it is refused. */
export type Count = (key: string) => boolean | Promise<boolean>;

/** A limiter that is filled with so many keys. */
export interface Limiter {
  readonly name: string;
  /** The most keys it is filled with here: beyond that it takes gigabytes. */
  readonly most: number;
  /** One that lets `limit` through in an hour and remembers at least `keys` clients, where it can be told so. */
  make(keys: number, limit: number): Count;
  /** The same as it comes, without being told how many clients there are. */
  makeDefault(limit: number): Count;
}

const HOUR_MS = 3_600_000;
const MILLION = 1_000_000;

/** All of them. */
export const LIMITERS: readonly Limiter[] = [
  { name: 'bulwark', most: 10 * MILLION, make: bulwark, makeDefault: bulwarkDefault },
  { name: 'express-rate-limit', most: MILLION, make: (_keys, limit) => express(limit), makeDefault: express },
  {
    name: 'rate-limiter-flexible',
    most: MILLION,
    make: (_, limit) => flexible(limit),
    makeDefault: flexible,
  },
  { name: '@fastify/rate-limit', most: MILLION, make: fastify, makeDefault: (limit) => fastify(5000, limit) },
  { name: 'hono-rate-limiter', most: MILLION, make: (_keys, limit) => hono(limit), makeDefault: hono },
];

function bulwark(keys: number, limit: number): Count {
  const table = new RateTable({ count: limit, windowMs: HOUR_MS }, keys);
  return (key) => table.take(key, Date.now()).allowed;
}

function bulwarkDefault(limit: number): Count {
  return bulwark(limitsOptions.capacity.default, limit);
}

function express(limit: number): Count {
  const store = new ExpressStore();
  // The middleware hands its settings to the store.
  rateLimit({ windowMs: HOUR_MS, limit, store, validate: false });
  return async (key) => (await store.increment(key)).totalHits <= limit;
}

function flexible(limit: number): Count {
  const limiter = new RateLimiterMemory({ points: limit, duration: HOUR_MS / 1000 });
  return (key) =>
    limiter.consume(key).then(
      () => true,
      () => false,
    );
}

function hono(limit: number): Count {
  const store = new HonoStore();
  rateLimiter({ windowMs: HOUR_MS, limit, store, keyGenerator: () => '' });
  return (key) => store.increment(key).totalHits <= limit;
}

interface LocalStore {
  incr(key: string, done: (error: unknown, seen: { current: number }) => void, ms: number, max: number): void;
}

// Not exported: what the plugin makes for itself.
const FastifyStore = createRequire(import.meta.url)('@fastify/rate-limit/store/LocalStore') as new (
  continueExceeding: boolean,
  exponentialBackoff: boolean,
  cache: number,
) => LocalStore;

function fastify(keys: number, limit: number): Count {
  const store = new FastifyStore(false, false, keys);
  return (key) => {
    let allowed = true;
    const done = (_error: unknown, seen: { current: number }): void => {
      allowed = seen.current <= limit;
    };
    store.incr(key, done, HOUR_MS, limit);
    return allowed;
  };
}
