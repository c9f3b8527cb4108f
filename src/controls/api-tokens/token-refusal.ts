/** The one answer to a token that opens nothing, whether it never did or was revoked a moment ago. */
import { eventOf } from '../../core/events.ts';
import type { Refusal } from '../../core/verdict.ts';
import { API_TOKEN_EVENTS, API_TOKEN_PROBLEMS } from './api-tokens.events.ts';
import type { Scheme } from './dpop.ts';

/** RFC 6750 3.1, `invalid_token`. Never treated as a visitor: the program would go on with answers that are for strangers. */
export function refuseToken(
  reason: string,
  scheme: Scheme,
  more: { readonly id?: string; readonly account?: string } = {},
): Refusal {
  return {
    ...API_TOKEN_PROBLEMS.invalidToken,
    detail: 'This token does not work: it is not whole, has expired or was revoked.',
    event: eventOf(API_TOKEN_EVENTS.refused, { by: 'api-token', reason, ...more }),
    headers: [['WWW-Authenticate', `${scheme} error="invalid_token"`]],
  };
}
