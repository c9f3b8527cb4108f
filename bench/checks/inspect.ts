/** Everything about a stack that takes no load to see: its features, its bytes, its round trips. */
import { LOAD_LIMIT } from '../stacks/application.ts';
import { databaseUrl } from '../stacks/all.ts';
import type { Stack, StackOptions, StoreName } from '../stacks/stack.ts';
import { TripCounter } from '../../test/support/trips.ts';
import { Browser } from './browser.ts';
import { checkBare, checkLimit, checkSecured, type Features, signIn } from './features.ts';

/** What was seen. */
export interface Inspection extends Partial<Features> {
  readonly pageHeadBytes: number;
  /** Round trips to Redis for a page of someone who is signed in, and of a visitor. Undefined: no Redis. */
  readonly trips?: { readonly session: number; readonly visitor: number };
}

const TRIP_REQUESTS = 10;
const LIMIT = 10;

/**
 * Starts a stack in this process and looks at it.
 *
 * @throws AssertionError where it lacks a feature that it is compared for
 */
export async function inspectStack(stack: Stack, store: StoreName, redisPort: number): Promise<Inspection> {
  const counter = store !== 'memory' ? await TripCounter.before(redisPort) : undefined;
  const redisUrl = counter && databaseUrl(`redis://127.0.0.1:${counter.port}`, stack);
  const options = { limit: LOAD_LIMIT, store, redisUrl };
  try {
    if (stack.kind === 'bare') return await running(stack, options, checkBare);
    const strict = { count: LIMIT, windowSeconds: 3600 };
    await running(stack, { ...options, limit: strict }, (port) => checkLimit(port, LIMIT));
    return await running(stack, options, async (port) => {
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
    await counter?.stop();
  }
}

async function running<T>(
  stack: Stack,
  options: StackOptions,
  look: (port: number) => Promise<T>,
): Promise<T> {
  const started = await stack.start(options);
  try {
    return await look(started.port);
  } finally {
    await started.close();
  }
}

async function average(counter: TripCounter, visit: () => Promise<unknown>): Promise<number> {
  counter.reset();
  for (let turn = 0; turn < TRIP_REQUESTS; turn += 1) await visit();
  return counter.reset() / TRIP_REQUESTS;
}
