/** The policy of every stack under Bulwark: its defaults, behind a proxy, with the limit and the stores of the bench. */
import type { PolicyOptions } from 'bulwark';
import { memory } from 'bulwark/memory';
import { ORIGIN, SECRET } from './application.ts';
import type { StackOptions, StoreName } from './stack.ts';

/** Where Bulwark can keep its state. */
export const BULWARK_STORES: readonly StoreName[] = ['memory'];

/** The policy. */
export function benchPolicy({ limit, redisUrl }: StackOptions): PolicyOptions {
  if (redisUrl !== undefined) throw new Error('there is no bulwark/redis yet');
  return {
    origin: ORIGIN,
    environment: 'production',
    secrets: { name: 'bench', load: () => [SECRET] },
    state: memory(),
    proxy: { trusted: ['127.0.0.1'] },
    limits: { perClient: `${limit.count}/${limit.windowSeconds}s` },
    // What is written at sign-in and at start-up is no part of the comparison.
    audit: { sink: () => undefined },
  };
}
