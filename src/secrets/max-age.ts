/** The option of providers that says how old a secret may get. */
import type { Fault } from '../core/call.ts';
import { type Duration, parseDuration } from '../core/readers.ts';

const LEAST_MS = 3_600_000;

/** A duration that somebody can act on. */
export function maxAgeFit(value: unknown): Fault | undefined {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms !== undefined && ms >= LEAST_MS) return undefined;
  return { path: '', reason: "it must be a duration of at least an hour, such as '90d'" };
}

/** As a provider has it. */
export function maxAgeOf(maxAge: Duration | undefined): { readonly maxAgeMs?: number } {
  const ms = maxAge === undefined ? undefined : parseDuration(maxAge);
  return ms === undefined ? {} : { maxAgeMs: ms };
}
