/** The policy of every stack under Bulwark: its defaults, behind a proxy, with the limit and the stores of the bench. */
import type { PolicyOptions } from 'bulwark';
import { memory } from 'bulwark/memory';
import { redis } from 'bulwark/redis';
import { ORIGIN, SECRET } from './application.ts';
import { type Cleanup, connectRedis } from './listening.ts';
import type { StackOptions, StoreName } from './stack.ts';

/** Where Bulwark keeps its state here. */
export const BULWARK_STORES: readonly StoreName[] = ['memory', 'redis', 'redis, far'];

/** The policy, and what is to be closed after the layer. */
export async function benchPolicy({
  limit,
  store,
  redisUrl,
}: StackOptions): Promise<readonly [PolicyOptions, ...Cleanup[]]> {
  const client = redisUrl === undefined ? undefined : await connectRedis(redisUrl);
  const policy: PolicyOptions = {
    origin: ORIGIN,
    environment: 'production',
    secrets: { name: 'bench', load: () => [SECRET] },
    state:
      client === undefined
        ? memory()
        : await redis(client, store === 'redis, far' ? { nearSessions: 0 } : {}),
    proxy: { trusted: ['127.0.0.1'] },
    rateLimit: { perClient: `${limit.count}/${limit.windowSeconds}s` },
    // What is written at sign-in and at start-up is no part of the comparison.
    audit: { sink: () => undefined },
  };
  return client === undefined ? [policy] : [policy, () => client.close()];
}
