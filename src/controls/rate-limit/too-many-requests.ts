import type { Refusal } from '../../core/verdict.ts';

/** 429 with the seconds to wait (RFC 6585 4). `evidence` names the limit and what it counted by, never an account. */
export function tooManyRequests(seconds: number, evidence: Readonly<Record<string, unknown>>): Refusal {
  return {
    status: 429,
    type: 'too-many-requests',
    detail: `Too many requests. Wait ${seconds === 1 ? 'a second' : `${seconds} seconds`}, then try again.`,
    event: 'excess_rate_limit_exceeded',
    evidence: { ...evidence, retryAfter: seconds },
    headers: [['Retry-After', `${seconds}`]],
  };
}
