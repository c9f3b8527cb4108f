/** Everything about a stack that takes no load to see: its features, its bytes, its round trips. */
import { type Limit, LOAD_LIMIT } from '../stacks/application.ts';
import { databaseUrl } from '../stacks/all.ts';
import type { Stack, StoreName } from '../stacks/stack.ts';
import { Browser } from './browser.ts';
import { checkBare, checkLimit, checkSecured, type Features, signIn } from './features.ts';
import { countTrips, type TripCounter } from './round-trips.ts';

/** What was seen. */
export interface Inspection extends Partial<Features> {
  readonly pageHeadBytes: number;
  /** Round trips to Redis for a page of someone who is signed in, and of a visitor. Undefined: no Redis. */
  readonly trips?: { readonly session: number; readonly visitor: number };
}

const TRIP_REQUESTS = 20;
const LIMIT = 25;

/**
 * Starts a stack in this process and looks at it.
 *
 * @throws AssertionError where it lacks a feature that it is compared for
 */
export async function inspectStack(stack: Stack, store: StoreName, redisPort: number): Promise<Inspection> {
  const counter = store === 'redis' ? await countTrips(redisPort) : undefined;
  const redisUrl = counter && databaseUrl(counter.url, stack);
  try {
    if (stack.kind === 'bare') return await inspectBare(stack);
    const strict = { count: LIMIT, windowSeconds: 3600 };
    await running(stack, strict, redisUrl, (port) => checkLimit(port, LIMIT));
    return await running(stack, LOAD_LIMIT, redisUrl, async (port) => {
      const features = await checkSecured(port);
      if (counter === undefined) return features;
      const { browser } = await signIn(port);
      const trips = {
        session: await average(counter, () => browser.open('/')),
        visitor: await average(counter, () => new Browser(port).open('/')),
      };
      return { ...features, trips };
    });
  } finally {
    await counter?.close();
  }
}

function inspectBare(stack: Stack): Promise<Inspection> {
  return running(stack, LOAD_LIMIT, undefined, checkBare);
}

async function running<T>(
  stack: Stack,
  limit: Limit,
  redisUrl: string | undefined,
  look: (port: number) => Promise<T>,
): Promise<T> {
  const started = await stack.start({ limit, redisUrl });
  try {
    return await look(started.port);
  } finally {
    await started.close();
  }
}

async function average(counter: TripCounter, visit: () => Promise<unknown>): Promise<number> {
  const before = counter.trips;
  for (let turn = 0; turn < TRIP_REQUESTS; turn += 1) await visit();
  return (counter.trips - before) / TRIP_REQUESTS;
}
