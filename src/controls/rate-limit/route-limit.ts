/**
 * The tighter limits of single routes, counted in the shared store: a limit of 5 in the memory of each of several
 * workers lets 5 through in every one of them.
 */
import { type Exchange } from '../../core/exchange.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import { type MaybePromise, whenReady } from '../../core/maybe-promise.ts';
import type { RouteLimit } from '../../core/route-rules.ts';
import { MOST_FORM_BYTES, readSmallBody } from '../../core/small-body.ts';
import { type Refusal, unavailable, type Verdict } from '../../core/verdict.ts';
import type { CounterAnswer, CounterStore } from '../../stores/ports/counters.ts';
import { readAccountName } from './account-name.ts';
import { accountTag, loggedTag } from './account-tag.ts';
import type { HeaderLine } from '../../core/header-line.ts';
import { retryAfterSeconds, routeLine } from './rate-headers.ts';
import { tooManyRequests } from './too-many-requests.ts';
import { eventOf } from '../../core/events.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { RATE_LIMIT_EVENTS } from './rate-limit.events.ts';

/** How near the general limit is, and what `RateLimit` says, to be written over where the route's limit is nearer. */
export interface ShownLimit {
  readonly remaining: number;
  line: HeaderLine;
}

/**
 * Counts against a route's limit: by client first, then by account. A client that is refused never reaches the
 * account's count: past its own limit it costs the account's owner nothing more. A body that names no account costs no
 * account anything.
 */
export class RouteLimiter {
  readonly #counters: CounterStore;
  readonly #keys: KeyRing;

  constructor(counters: CounterStore, keys: KeyRing) {
    this.#counters = counters;
    this.#keys = keys;
  }

  /** Answers at once where the store does and no body needs to be read. */
  check(exchange: Exchange, limit: RouteLimit, shown: ShownLimit): MaybePromise<Verdict> {
    if (!limit.by.includes('client')) return this.#checkAccount(exchange, limit, shown);
    const counted = this.#take(`rate/${limit.id}/client/${exchange.client.key}`, limit, exchange.now);
    return whenReady(counted, (answer) => {
      if ('status' in answer) return answer;
      if (!answer.allowed) return refuse(limit, shown, answer, { by: 'client' });
      if (answer.remaining < shown.remaining) {
        shown.line = routeLine(answer.remaining, answer.resetAfterMs);
      }
      return this.#checkAccount(exchange, limit, shown);
    });
  }

  #checkAccount(exchange: Exchange, limit: RouteLimit, shown: ShownLimit): MaybePromise<Verdict> {
    if (!limit.by.includes('account') || !mayCarryAccount(exchange.request.method)) return undefined;
    return readSmallBody(exchange.body).then((body) => {
      if (body === 'other') return unsupportedBody();
      if (body === 'too-large') return bodyTooLarge();
      const name = readAccountName(body.bytes, body.kind, limit.accountField);
      return name === undefined ? accountNotNamed(limit) : this.#countAccount(exchange, limit, shown, name);
    });
  }

  // The remaining count of an account is shown to nobody but whom it refuses: it would tell each visitor whether
  // the account's owner has just signed in.
  #countAccount(
    exchange: Exchange,
    limit: RouteLimit,
    shown: ShownLimit,
    name: string,
  ): MaybePromise<Verdict> {
    const tag = accountTag(this.#keys, name);
    return whenReady(this.#take(`rate/${limit.id}/account/${tag}`, limit, exchange.now), (answer) => {
      if ('status' in answer) return answer;
      if (answer.allowed) return undefined;
      return refuse(limit, shown, answer, { by: 'account', account: loggedTag(tag) });
    });
  }

  /** The count, or the refusal that stands in for it: a limiter whose store is gone must not fall open. */
  #take(key: string, limit: RouteLimit, now: number): MaybePromise<CounterAnswer | Refusal> {
    try {
      const answer = this.#counters.take(key, limit.rate, now);
      return answer instanceof Promise
        ? answer.catch((error: unknown) => storeUnavailable(limit, error))
        : answer;
    } catch (error) {
      return storeUnavailable(limit, error);
    }
  }
}

/** A page that is only looked at names no account; every other method may. */
function mayCarryAccount(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

function refuse(
  limit: RouteLimit,
  shown: ShownLimit,
  answer: CounterAnswer,
  subject: { readonly by: string; readonly account?: string },
): Refusal {
  shown.line = routeLine(0, answer.retryAfterMs);
  return tooManyRequests(retryAfterSeconds(answer.retryAfterMs), { limit: limit.id, ...subject });
}

function storeUnavailable(limit: RouteLimit, error: unknown): Refusal {
  const detail = 'This cannot be answered right now. Try again in a few seconds.';
  return unavailable(detail, error, { limit: limit.id, store: 'counters' });
}

function unsupportedBody(): Refusal {
  return {
    ...PROBLEMS.bodyNotSupported,
    detail:
      'Send this as application/x-www-form-urlencoded or application/json, in UTF-8 and not compressed.',
    event: eventOf(RATE_LIMIT_EVENTS.accountUnread, {
      reason: 'the account cannot be read from this kind of body',
    }),
  };
}

function bodyTooLarge(): Refusal {
  return {
    ...PROBLEMS.bodyTooLarge,
    detail: 'The body of this request is larger than 64 KB.',
    event: eventOf(RATE_LIMIT_EVENTS.accountUnread, {
      reason: 'more body than an account is looked for in',
      limit: MOST_FORM_BYTES,
    }),
    close: true,
  };
}

function accountNotNamed(limit: RouteLimit): Refusal {
  return {
    ...PROBLEMS.badRequest,
    detail: `The body must name "${limit.accountField}" exactly once, as text of at most 320 characters.`,
    event: eventOf(RATE_LIMIT_EVENTS.accountUnread, {
      reason: 'the account is not named exactly once',
      limit: limit.id,
    }),
  };
}
