import type { Refusal } from '../../core/verdict.ts';
import { eventOf } from '../../core/events.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { RATE_LIMIT_EVENTS } from './rate-limit.events.ts';

/** 429 with the seconds to wait (RFC 6585 4). `counted` names the limit and what it counted by, never an account. */
export function tooManyRequests(
  seconds: number,
  counted: { readonly limit: string; readonly by: string; readonly account?: string },
): Refusal {
  return {
    ...PROBLEMS.tooManyRequests,
    detail: `Too many requests. Wait ${seconds === 1 ? 'a second' : `${seconds} seconds`}, then try again.`,
    event: eventOf(RATE_LIMIT_EVENTS.exceeded, { ...counted, retryAfter: seconds }),
    headers: [['Retry-After', `${seconds}`]],
  };
}
