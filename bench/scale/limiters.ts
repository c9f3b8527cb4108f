/** Limiters by themselves: Bulwark's table, and what the peers keep their counts in. */
import { createRequire } from 'node:module';
import { RateTable } from '../../src/controls/rate-limit/rate-table.ts';
import { rateLimitOptions } from '../../src/controls/rate-limit/rate-limit.options.ts';

/** Counts one request. False: it is refused. */
export type Count = (key: string) => boolean | Promise<boolean>;

/** What is told to a limiter that is made. */
export interface LimiterSettings {
  /** So many pass in an hour. */
  readonly limit: number;
  /** How many clients it must remember, where it can be told so. Undefined: as it comes. */
  readonly keys: number | undefined;
}

/** A limiter to fill with keys. Its package is loaded when it is made: a process measures one of them. */
export interface Limiter {
  readonly name: string;
  /** The most keys it is filled with here: beyond that it takes gigabytes. */
  readonly most: number;
  make(settings: LimiterSettings): Promise<Count>;
}

const HOUR_MS = 3_600_000;
const MILLION = 1_000_000;

/** All of them. */
export const LIMITERS: readonly Limiter[] = [
  { name: 'bulwark', most: 10 * MILLION, make: bulwark },
  { name: 'express-rate-limit', most: MILLION, make: express },
  { name: 'rate-limiter-flexible', most: MILLION, make: flexible },
  { name: '@fastify/rate-limit', most: MILLION, make: fastify },
  { name: 'hono-rate-limiter', most: MILLION, make: hono },
];

function bulwark({ limit, keys = rateLimitOptions.capacity.default }: LimiterSettings): Promise<Count> {
  const table = new RateTable({ count: limit, windowMs: HOUR_MS }, keys);
  return Promise.resolve((key) => table.take(key, Date.now()).allowed);
}

async function express({ limit }: LimiterSettings): Promise<Count> {
  const { MemoryStore, rateLimit } = await import('express-rate-limit');
  const store = new MemoryStore();
  // The middleware hands its settings to the store.
  rateLimit({ windowMs: HOUR_MS, limit, store, validate: false });
  return async (key) => (await store.increment(key)).totalHits <= limit;
}

async function flexible({ limit }: LimiterSettings): Promise<Count> {
  const { RateLimiterMemory } = await import('rate-limiter-flexible');
  const limiter = new RateLimiterMemory({ points: limit, duration: HOUR_MS / 1000 });
  return (key) =>
    limiter.consume(key).then(
      () => true,
      () => false,
    );
}

async function hono({ limit }: LimiterSettings): Promise<Count> {
  const { MemoryStore, rateLimiter } = await import('hono-rate-limiter');
  const store = new MemoryStore();
  rateLimiter({ windowMs: HOUR_MS, limit, store, keyGenerator: () => '' });
  return (key) => store.increment(key).totalHits <= limit;
}

interface LocalStore {
  incr(key: string, done: (error: unknown, seen: { current: number }) => void, ms: number, max: number): void;
}

type LocalStoreClass = new (
  continueExceeding: boolean,
  exponentialBackoff: boolean,
  cache?: number,
) => LocalStore;

function fastify({ limit, keys }: LimiterSettings): Promise<Count> {
  // Not exported: what the plugin makes for itself, with the size that the plugin takes.
  const Store = createRequire(import.meta.url)('@fastify/rate-limit/store/LocalStore') as LocalStoreClass;
  const store = new Store(false, false, keys);
  return Promise.resolve((key) => {
    let allowed = true;
    const done = (_error: unknown, seen: { current: number }): void => {
      allowed = seen.current <= limit;
    };
    store.incr(key, done, HOUR_MS, limit);
    return allowed;
  });
}
