import { errorName, RETRY_AFTER_SECONDS, StoreDownError } from './errors.ts';
import type { EventName } from './events.ts';

/** What a refusal is, in a word that never changes: the last part of its problem type (RFC 9457). */
export type ProblemType =
  | 'bad-request'
  | 'host-not-allowed'
  | 'method-not-allowed'
  | 'https-required'
  | 'too-many-requests'
  | 'cross-site-request'
  | 'sign-in-required'
  | 'invalid-token'
  | 'session-over'
  | 'not-allowed'
  | 'stronger-sign-in-required'
  | 'body-too-large'
  | 'body-not-supported'
  | 'request-timeout'
  | 'headers-too-large'
  | 'expectation-failed'
  | 'not-found'
  | 'gone'
  | 'conflict'
  | 'redirect'
  | 'unavailable'
  | 'internal-error';

/** A guard's no. Plain data: the layer logs it, the errors room renders it, an adapter writes it. */
export interface Refusal {
  readonly status: number;
  readonly type: ProblemType;
  /** One sentence for the person or program that asked. Nothing they did not send or may not know. */
  readonly detail: string;
  /** What the audit log calls it; none for answers that are no fact of security (a redirect). */
  readonly event?: EventName;
  /** For the log only, never in the answer: what was seen. */
  readonly evidence?: Readonly<Record<string, unknown>>;
  /** Headers this answer needs, such as `Allow` or `Retry-After`. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** The connection cannot be used again: what follows on it cannot be told from the next request. */
  readonly close?: boolean;
}

/** A guard's answer: nothing to say against it, or a refusal. */
export type Verdict = Refusal | undefined;

/** What is said where something of ours or of the application's broke: nothing about what. */
export const INTERNAL_ERROR: Refusal = {
  status: 500,
  type: 'internal-error',
  detail: 'Something went wrong here. It has been noted.',
};

/** The answer where the session ended while its request was being handled. */
export const SESSION_OVER: Refusal = {
  status: 401,
  type: 'session-over',
  detail: 'Your session has ended. Sign in again.',
  event: 'session_use_after_expire',
};

/** The answer where the session went on under a new id meanwhile, so that the page to load again finds it. */
export const SESSION_REPLACED: Refusal = {
  ...SESSION_OVER,
  detail: 'Your session went on in another tab or window while this was on its way. Load the page again.',
  evidence: { reason: 'replaced by a newer id' },
};

/** The answer to a request that needs its session, where sessions cannot be looked up. */
export function sessionsUnavailable(error: unknown): Refusal {
  return unavailable('Sessions cannot be looked up at the moment. Try again in a few seconds.', error);
}

/**
 * The answer of a control whose store fails: closed, and never a silent sign-out. An outage that the log knows of is told
 * once, not at each request that it refuses.
 *
 * @param detail - what cannot be done at the moment
 */
export function unavailable(
  detail: string,
  error: unknown,
  evidence: Readonly<Record<string, unknown>> = {},
): Refusal {
  const refusal: Refusal = {
    status: 503,
    type: 'unavailable',
    detail,
    headers: [['Retry-After', RETRY_AFTER_SECONDS]],
  };
  if (error instanceof StoreDownError && error.told) return refusal;
  return {
    ...refusal,
    event: 'sys_store_unavailable',
    evidence: { ...evidence, error: errorName(error) },
  };
}
