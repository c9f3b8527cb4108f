/**
 * The fields that tell a client where it stands: `RateLimit-Policy` and `RateLimit` as lists of structured fields
 * (draft-ietf-httpapi-ratelimit-headers, as of its version 08), and `Retry-After` (RFC 9110 10.2.3). All count whole seconds.
 */
import type { Rate } from '../../core/rate.ts';

/** A header as `exchange.extraHeaders` takes it. */
export type HeaderPair = [name: string, value: string];

/** A member of `RateLimit-Policy`: the quota and the seconds it is spread over. */
export function policyMember(name: string, rate: Rate): string {
  return `"${name}";q=${rate.count};w=${Math.ceil(rate.windowMs / 1000)}`;
}

/** The `RateLimit-Policy` header of these members. Made once a policy, not once a request. */
export function policyHeader(...members: readonly string[]): HeaderPair {
  return ['RateLimit-Policy', members.join(', ')];
}

/** A member of `RateLimit`: how many more are let through now, and the seconds until the quota is whole again. */
export function limitMember(name: string, remaining: number, resetAfterMs: number): string {
  return `"${name}";r=${remaining};t=${Math.ceil(resetAfterMs / 1000)}`;
}

/** Seconds for `Retry-After`: rounded up, at least 1, so that whoever waits that long gets through. */
export function retryAfterSeconds(retryAfterMs: number): number {
  return Math.max(1, Math.ceil(retryAfterMs / 1000));
}
