/**
 * What pages of Bulwark's own hold by themselves: a policy whose guards only observe is one that is tried out on an
 * application, and must not open pages that act on accounts.
 */
import { CSRF_FIELD, judgePosted } from '../../controls/csrf/csrf.ts';
import { BulwarkError } from '../../core/errors.ts';
import { OwnOrigins } from '../../core/own-origins.ts';
import { View } from '../../layer/view.ts';
import type { Policy } from '../../policy/policy.ts';
import { refuse } from '../response.ts';
import { isAnswered, type PageReply, type PageVisit } from './mounted-pages.ts';

/**
 * Answers a forged form with a refusal, and ends its handler.
 *
 * @param form - the fields that were posted
 * @throws BulwarkError ERR_BULWARK_FORBIDDEN where another site has sent it, or it bears no token where one is needed
 */
export function judgeForm({ view, request, response }: PageVisit, form: URLSearchParams): void {
  const exchange = View.exchangeOf(view);
  const layer = View.layerOf(view);
  const { origin, origins } = layer.policy;
  const sent = form.getAll(CSRF_FIELD);
  const own = new OwnOrigins(origin?.origin, origins.also);
  const refusal = judgePosted(exchange, layer.policy, own, sent.length === 1 ? sent[0] : undefined);
  if (refusal === undefined) return;
  layer.report(exchange, 'csrf', refusal);
  if (!isAnswered({ request, response })) refuse(response, refusal);
  throw new BulwarkError('ERR_BULWARK_FORBIDDEN', 'Another site has sent this form: nothing was done.');
}

/** Headers of a page, where the guards that send them do not: no script of others in it, and no frame around it. */
export function ownHeaders(
  { csp, headers }: Pick<Policy, 'csp' | 'headers'>,
  nonce: string,
): PageReply['headers'] {
  const own: (readonly [string, string])[] = [];
  if (csp.mode !== 'enforce')
    own.push([
      'Content-Security-Policy',
      `default-src 'self'; script-src 'nonce-${nonce}'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    ]);
  if (headers.mode !== 'enforce') own.push(['X-Frame-Options', 'DENY']);
  return own;
}
