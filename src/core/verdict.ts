import { errorName, RETRY_AFTER_SECONDS, StoreDownError } from './errors.ts';
import { eventOf, type SecurityEvent } from './events.ts';
import type { InputFault } from './input-fault.ts';
import { type ProblemType, PROBLEMS } from './problem-types.ts';

/** A guard's no. Plain data: the layer logs it, the errors room renders it, an adapter writes it. */
export interface Refusal extends ProblemType {
  /** One sentence for the person or program that asked. Nothing they did not send or may not know. */
  readonly detail: string;
  /** What is wrong with what was sent, one by one, where that is known. */
  readonly faults?: readonly InputFault[];
  /** Further members of the problem (RFC 9457 3.2). With them the answer is for a program, whatever it says that it takes. */
  readonly members?: Readonly<Record<string, string>>;
  /** What the audit log has of it; none for answers that are no fact of security (a redirect). */
  readonly event?: SecurityEvent;
  /** Headers this answer needs, such as `Allow` or `Retry-After`. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** What is answered, where this is a guard's yes that needs no handler: in place of a page about it. */
  readonly content?: { readonly type: string; readonly body: string };
  /** The connection cannot be used again: what follows on it cannot be told from the next request. */
  readonly close?: boolean;
}

/** A guard's answer: nothing to say against it, or a refusal. */
export type Verdict = Refusal | undefined;

/** What is said where something of ours or of the application's broke: nothing about what. */
export const INTERNAL_ERROR: Refusal = {
  ...PROBLEMS.internalError,
  detail: 'Something went wrong here. It has been noted.',
};

/** What rooms say that know each other not: in the core for that alone. */
export const CORE_EVENTS = {
  storeUnavailable: {
    name: 'sys_store_unavailable',
    level: 'critical',
    meaning:
      'A store failed; what needs it is refused with 503. An outage of a store across a network is one line, not one a request.',
    details: { error: 'any', limit: 'text?', store: 'text?', during: 'text?' },
    bounded: true,
  },
  sessionOver: {
    name: 'session_use_after_expire',
    level: 'warn',
    meaning: 'A session ended while its request was being answered; the answer was replaced by 401.',
    details: { reason: 'text?' },
  },
  unheard: {
    name: 'sys_crash',
    level: 'critical',
    meaning: 'A call of the application failed, and nobody awaited it: `reason` says which.',
    details: { error: 'any', reason: 'text' },
    stack: true,
  },
} as const;

/** The answer where the session ended while its request was being handled. */
export const SESSION_OVER: Refusal = {
  ...PROBLEMS.sessionOver,
  detail: 'Your session has ended. Sign in again.',
  event: eventOf(CORE_EVENTS.sessionOver, {}),
};

/** The answer where the session went on under a new id meanwhile, so that the page to load again finds it. */
export const SESSION_REPLACED: Refusal = {
  ...PROBLEMS.sessionOver,
  detail: 'Your session went on in another tab or window while this was on its way. Load the page again.',
  event: eventOf(CORE_EVENTS.sessionOver, { reason: 'replaced by a newer id' }),
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
  seen: { readonly limit?: string; readonly store?: string } = {},
): Refusal {
  const refusal: Refusal = {
    ...PROBLEMS.unavailable,
    detail,
    headers: [['Retry-After', RETRY_AFTER_SECONDS]],
  };
  if (error instanceof StoreDownError && error.told) return refusal;
  return {
    ...refusal,
    event: eventOf(CORE_EVENTS.storeUnavailable, { ...seen, error: errorName(error) }),
  };
}
