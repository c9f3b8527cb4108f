/** Errors of the application and of its framework, which tell more than anyone may know, are replaced by our own. */
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import type { ResponseHead } from '../../core/head.ts';
import { type Slot, slot } from '../../core/slot.ts';
import type { Refusal } from '../../core/verdict.ts';
import { StoreDownError } from '../../core/errors.ts';
import type { ErrorsSettings } from './errors.options.ts';
import { problemTypeOf } from './problem-types.ts';
import { eventOf, type SecurityEvent } from '../../core/events.ts';
import { type ProblemType, PROBLEMS } from '../../core/problem-types.ts';
import { ERRORS_EVENTS } from './errors.events.ts';

/** Set where the answer is a page of Bulwark: its text about an error stays as it is. */
export const OWN_ANSWER: Slot<true> = slot();

// The last status of RFC 9110's registry; above it are numbers that only one product knows.
const LAST_SERVER_ERROR = 511;
/**
 * What the replacement must keep saying: without these a client cannot do what the status asks of it, and a page of
 * another origin that may read the answer does not even learn the status.
 */
const KEPT = [
  // RFC 9110 10.2.3, 10.2.1, 11.6.1, 11.7.1, 14.4, 7.8, 12.5.5.
  ['retry-after', 'Retry-After'],
  ['allow', 'Allow'],
  ['www-authenticate', 'WWW-Authenticate'],
  ['proxy-authenticate', 'Proxy-Authenticate'],
  ['content-range', 'Content-Range'],
  ['upgrade', 'Upgrade'],
  ['vary', 'Vary'],
  // What would have been taken instead: RFC 9110 12.5.1, 12.5.3; RFC 5789 3.1; W3C Linked Data Platform 7.1.
  ['accept', 'Accept'],
  ['accept-encoding', 'Accept-Encoding'],
  ['accept-patch', 'Accept-Patch'],
  ['accept-post', 'Accept-Post'],
  // How much is left, and until when.
  ['ratelimit', 'RateLimit'],
  ['ratelimit-policy', 'RateLimit-Policy'],
  // The Fetch standard, 3.3.3.
  ['access-control-allow-origin', 'Access-Control-Allow-Origin'],
  ['access-control-allow-credentials', 'Access-Control-Allow-Credentials'],
  ['access-control-expose-headers', 'Access-Control-Expose-Headers'],
] as const;

/**
 * The guard. It sees the head alone, so it goes by the status, and by what only a framework's page looks like.
 *
 * @param tell - told of server errors that a route answers with a page of its own: they are no less an error
 */
export function errorsGuard(
  settings: ErrorsSettings,
  tell?: (exchange: Exchange, event: SecurityEvent) => void,
): Guard {
  const all = settings.clientErrors === 'all';
  return {
    name: 'errors',
    mode: settings.mode,
    onAnswer(exchange, head) {
      if (head.statusCode < 400) return undefined;
      const failed = head.statusCode >= 500;
      // A route that writes its own errors has not written the one with the stack in it.
      const own = exchange.rules.ownErrors === true;
      const leaks =
        own || exchange.get(OWN_ANSWER) === true
          ? failed && isFrameworkPage(head)
          : failed || all || isFrameworkPage(head);
      if (leaks) return replacement(head, exchange);
      if (failed && own && exchange.get(OWN_ANSWER) !== true) noteOwn(head, exchange, tell);
      return undefined;
    },
  };
}

function noteOwn(
  { statusCode }: ResponseHead,
  exchange: Exchange,
  tell?: (exchange: Exchange, event: SecurityEvent) => void,
): void {
  const type = problemTypeOf(statusCode > LAST_SERVER_ERROR ? 500 : statusCode);
  const { event } = recordOf(type, statusCode, exchange.failure);
  if (event !== undefined) tell?.(exchange, event);
}

/**
 * Express answers what nobody handled with a page that has this policy and no other, and unless NODE_ENV is
 * `production` the stack stands in it; an unknown path tells by its words what runs here.
 */
function isFrameworkPage(head: ResponseHead): boolean {
  const type = head.getHeader('content-type');
  return (
    head.getHeader('content-security-policy') === "default-src 'none'" &&
    typeof type === 'string' &&
    type.startsWith('text/html')
  );
}

function replacement(head: ResponseHead, { failure }: Exchange): Refusal {
  const status = head.statusCode > LAST_SERVER_ERROR ? 500 : head.statusCode;
  const type = problemTypeOf(status);
  const headers = keptHeaders(head);
  return {
    ...type,
    status,
    detail: detailOf(status),
    ...recordOf(type, head.statusCode, failure),
    ...(headers.length > 0 && { headers }),
  };
}

/** Any other answer is the application's ordinary no, and no fact of security. */
function recordOf(type: ProblemType, answered: number, failure: unknown): Pick<Refusal, 'event'> {
  if (type === PROBLEMS.internalError) {
    const reason = 'the application answered with a server error';
    const seen = failure === undefined ? { answered } : { answered, error: failure };
    return { event: eventOf(ERRORS_EVENTS.failed, { reason, ...seen }) };
  }
  // The guard or room that asked the store has told that it is gone.
  if (type !== PROBLEMS.unavailable || failure === undefined || failure instanceof StoreDownError) return {};
  const reason = 'the application answered that it cannot';
  return { event: eventOf(ERRORS_EVENTS.unavailable, { reason, answered, error: failure }) };
}

function keptHeaders(head: ResponseHead): readonly (readonly [string, string])[] {
  const kept: [string, string][] = [];
  for (const [key, name] of KEPT) {
    const value = head.getHeader(key);
    if (value !== undefined) kept.push([name, typeof value === 'object' ? value.join(', ') : `${value}`]);
  }
  return kept;
}

function detailOf(status: number): string {
  if (status >= 502 && status <= 504)
    return 'The service cannot answer right now. Please try again in a moment.';
  if (status >= 500) return 'The error was on our side and has been recorded. Please try again later.';
  return (
    CLIENT_DETAILS.get(status) ?? 'The request cannot be answered as it is. Please check it and try again.'
  );
}

const CLIENT_DETAILS: ReadonlyMap<number, string> = new Map([
  [401, 'You need to be signed in for this.'],
  [403, 'You do not have access to this.'],
  [404, 'There is nothing at this address. It may have moved, or the link may have a mistake in it.'],
  [405, 'This address does not take that kind of request.'],
  [408, 'The request did not arrive in time. Please try again.'],
  [409, 'Someone changed this before you did. Open it again and repeat what you did.'],
  [410, 'What was here has been removed.'],
  [413, 'What was sent is larger than this address takes.'],
  [415, 'What was sent is not of a kind that this address takes.'],
  [429, 'There were too many requests. Please wait a moment and try again.'],
]);
