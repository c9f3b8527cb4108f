/**
 * The fields that tell a client where it stands: `RateLimit-Policy` and `RateLimit` as lists of structured fields
 * (draft-ietf-httpapi-ratelimit-headers, as of its version 08), and `Retry-After` (RFC 9110 10.2.3). All count whole seconds.
 */
import { HeaderLine } from '../../core/header-line.ts';
import type { Rate } from '../../core/rate.ts';

/** The name of the general limit in these fields and in the log. */
export const GENERAL_POLICY = 'default';

/** The name of a route's limit in these fields. */
export const ROUTE_POLICY = 'route';

/** A member of `RateLimit-Policy`: the quota and the seconds it is spread over. */
export function policyMember(name: string, rate: Rate): string {
  return `"${name}";q=${rate.count};w=${Math.ceil(rate.windowMs / 1000)}`;
}

/** `RateLimit-Policy` of these members. Made once a policy, not once a request. */
export function policyLine(...members: readonly string[]): HeaderLine {
  return HeaderLine.of('RateLimit-Policy', members.join(', '));
}

/** `RateLimit` of the general limit: how many more are let through now, and the time until the quota is whole again. */
export function generalLine(remaining: number, resetAfterMs: number): HeaderLine {
  return general(remaining, Math.ceil(resetAfterMs / 1000));
}

/** As {@link generalLine}, of a route's own limit. */
export function routeLine(remaining: number, resetAfterMs: number): HeaderLine {
  return route(remaining, Math.ceil(resetAfterMs / 1000));
}

const [general, route] = [GENERAL_POLICY, ROUTE_POLICY].map((name) =>
  HeaderLine.counting('RateLimit', [`"${name}";r=`, ';t=', '']),
) as [Counting, Counting];

type Counting = ReturnType<typeof HeaderLine.counting>;

/** Seconds for `Retry-After`: rounded up, at least 1, so that whoever waits that long gets through. */
export function retryAfterSeconds(retryAfterMs: number): number {
  return Math.max(1, Math.ceil(retryAfterMs / 1000));
}
