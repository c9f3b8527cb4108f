/** What of a policy a build makes a layer from: nothing is asked for, nothing is written, and nobody is told. */
import { randomBytes } from '../core/random.ts';
import { isPlainObject } from '../core/options.ts';
import type { PolicyOptions } from './policy.ts';

const RANDOM_BYTES = 48;

/** The same policy without its secrets, its log, and what goes out by itself. What is wrong with the rest is told here too. */
export function forBuild(given: PolicyOptions): PolicyOptions {
  if (!isPlainObject(given)) return given;
  const { alerts: _alerts, metrics: _metrics, console, ...rest } = given as PolicyOptions;
  return {
    ...rest,
    audit: { sink: () => undefined },
    secrets: { name: 'build', load: () => [randomBytes(RANDOM_BYTES).toString('base64')] },
    ...(isPlainObject(console) && { console: { ...console, index: ':memory:' } }),
  };
}
