/** Cross-site request forgery: Fetch Metadata first, then Origin, then a token. */
import {
  CREDENTIAL,
  CROSS_ORIGIN,
  type Exchange,
  FOREIGN_SESSION,
  header,
  type RequestFacts,
  SIGNED,
} from '../../core/exchange.ts';
import { readFormField } from '../../core/small-body.ts';
import type { ForwardHead } from '../../core/forward-head.ts';
import type { Guard } from '../../core/guard.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import { cutForLog } from '../../core/log-text.ts';
import type { OwnOrigins } from '../../core/own-origins.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import type { CsrfSettings } from './csrf.options.ts';
import { judgeState, type StatesUsed } from './accept.ts';
import { isCsrfToken, verifyCsrfToken } from './csrf-token.ts';
import { eventOf } from '../../core/events.ts';
import { CSRF_EVENTS, CSRF_PROBLEMS } from './csrf.events.ts';

/** The header a script sends its token in. */
export const CSRF_HEADER = 'x-csrf-token';
/** The form field a page sends its token in. */
export const CSRF_FIELD = '_csrf';

const MAX_FORM_BYTES = 1024 * 1024;

/** What the request itself says about where it comes from. */
export type CsrfSignal = 'safe' | 'same-origin' | 'cross-site' | 'unknown';

/** Which origins may send requests that change something. */
export interface CsrfOrigins {
  readonly own: OwnOrigins;
  /** Origins of the same site that the policy lists. */
  readonly trusted: ReadonlySet<string>;
}

/** What the headers say, without a look at sessions or tokens. */
export function readCsrfSignal(exchange: Exchange, origins: CsrfOrigins): CsrfSignal {
  const { request } = exchange;
  if (isSafe(request)) return 'safe';
  const site = header(request, 'sec-fetch-site');
  const origin = header(request, 'origin');
  if (isInvited(exchange)) return 'same-origin';
  // Ahead of Origin: under `Referrer-Policy: no-referrer` a page's own form posts with `Origin: null`.
  if (site === 'same-origin' || site === 'none') return 'same-origin';
  if (site !== undefined) {
    return site === 'same-site' && origin !== undefined && origins.trusted.has(origin)
      ? 'same-origin'
      : 'cross-site';
  }
  if (origin === undefined) return 'unknown';
  return origins.own.has(origin, exchange) || origins.trusted.has(origin) ? 'same-origin' : 'cross-site';
}

/**
 * Whether the guard will refuse a request for its origin, as far as that is known before the session. For guards that run
 * sooner: another site must not use up the limits of its visitor.
 */
export function forgeryTest(settings: CsrfSettings, own: OwnOrigins): (exchange: Exchange) => boolean {
  const origins: CsrfOrigins = { own, trusted: new Set(settings.trustedOrigins) };
  return (exchange) =>
    settings.mode === 'enforce' &&
    exchange.rules.accept === undefined &&
    readCsrfSignal(exchange, origins) === 'cross-site';
}

/** The guard. Runs after `session`, so that it knows whether there is anything to forge with. */
export function csrfGuard(settings: CsrfSettings, own: OwnOrigins, keys: KeyRing, used?: StatesUsed): Guard {
  const origins: CsrfOrigins = { own, trusted: new Set(settings.trustedOrigins) };
  return {
    name: 'csrf',
    mode: settings.mode,
    onRequest(exchange) {
      if (isByTokenAlone(exchange) || exchange.get(SIGNED) !== undefined) return undefined;
      const signal = readCsrfSignal(exchange, origins);
      if (signal === 'safe') return undefined;
      if (signal === 'cross-site') {
        const { accept } = exchange.rules;
        return accept === undefined || used === undefined || exchange.request.method !== 'POST'
          ? refusal(exchange, 'the request comes from another site')
          : judgeReturn(exchange, keys, used, accept);
      }
      // No token of ours is bound to a session that is not ours.
      if (signal === 'unknown' && exchange.session === undefined && exchange.get(FOREIGN_SESSION) === true)
        return refusal(exchange, 'a session of the application, and no header that tells the origin');
      const needsToken = signal === 'unknown' || settings.tokens === 'always';
      if (!needsToken || !exchange.hasSessionCookie) return undefined;
      return checkToken(exchange, keys);
    },
    // A token of ours is good for as long as its session. Another's under that name (Rails has it) is the upstream's own.
    onForward(exchange, head) {
      const token = head.get(CSRF_HEADER);
      if (token !== undefined && isCsrfToken(token)) head.remove(CSRF_HEADER);
      vouch(exchange, head, own);
    },
  };
}

/**
 * For pages that act in somebody's name and hold whatever the policy does: what the guard says, also where it only observes
 * or is off. Of a form from elsewhere that a route takes (`csrf: { accept }`), whoever reads its state says.
 *
 * @param field - {@link CSRF_FIELD} of the form that was posted
 */
export function judgePosted(
  exchange: Exchange,
  { csrf, keys }: { readonly csrf: CsrfSettings; readonly keys: KeyRing },
  own: OwnOrigins,
  field: string | undefined,
): Refusal | undefined {
  if (isByTokenAlone(exchange)) return undefined;
  const signal = readCsrfSignal(exchange, { own, trusted: new Set(csrf.trustedOrigins) });
  if (signal === 'safe') return undefined;
  if (signal === 'cross-site') return refusal(exchange, 'the request comes from another site');
  if (signal === 'same-origin' && csrf.tokens === 'fallback') return undefined;
  if (!exchange.hasSessionCookie) return undefined;
  return judgeToken(exchange, keys, header(exchange.request, CSRF_HEADER) ?? field);
}

/**
 * Under `Referrer-Policy: no-referrer` a browser says `Origin: null` and no Referer on a page's own forms, and checks that an
 * application brings refuse them: Flask-WTF's over https, Django's, those of Rails. The browser has said that the page is of
 * this origin, so that is what the application is told.
 */
function vouch(exchange: Exchange, head: ForwardHead, own: OwnOrigins): void {
  if (isSafe(exchange.request) || header(exchange.request, 'sec-fetch-site') !== 'same-origin') return;
  const origin = own.of(exchange);
  if (head.get('origin') === 'null') head.set('Origin', origin);
  if (!head.has('referer')) head.set('Referer', `${origin}/`);
}

/**
 * No page can have a browser send a token that it does not know, so there is nothing to forge with. Cookies that come
 * along a browser does send by itself: we do not read the session then, but an application may go by one of its own.
 */
function isByTokenAlone(exchange: Exchange): boolean {
  return exchange.get(CREDENTIAL) !== undefined && exchange.request.headers.cookie === undefined;
}

/**
 * Safe methods change nothing (RFC 9110 9.2.1). An upgrade opens a channel under the cookies of the browser, and is
 * a GET: cross-site WebSocket hijacking (CWE-1385) goes through every check that looks at the method alone.
 */
function isSafe(request: RequestFacts): boolean {
  const { method } = request;
  return (
    (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') && request.headers.upgrade === undefined
  );
}

/**
 * A page of an origin that `cors` names for this route, exactly, with this method. Without `credentials` it is nobody's
 * word: such a request changes nothing in anybody's name where it has neither cookie nor credential. Navigations are not
 * among them: one without a cookie may come back with a cookie of the attacker's account.
 */
function isInvited(exchange: Exchange): boolean {
  const trust = exchange.get(CROSS_ORIGIN);
  if (trust === undefined) return false;
  const { headers } = exchange.request;
  const mode = headers['sec-fetch-mode'];
  if (mode !== undefined && mode !== 'cors' && mode !== 'no-cors') return false;
  if (trust === 'with-credentials') return true;
  return (
    headers.cookie === undefined && !SENT_BY_BROWSERS.test(header(exchange.request, 'authorization') ?? '')
  );
}

/** Schemes whose credentials a browser keeps and sends by itself. Of others a script must know what it sends. */
const SENT_BY_BROWSERS = /^(?!bearer |dpop )./i;

function checkToken(exchange: Exchange, keys: KeyRing): Verdict | Promise<Verdict> {
  const fromHeader = header(exchange.request, CSRF_HEADER);
  if (fromHeader !== undefined) return judgeToken(exchange, keys, fromHeader);
  return readFormField(exchange.body, CSRF_FIELD, MAX_FORM_BYTES).then((field) =>
    judgeToken(exchange, keys, field),
  );
}

/** The body is left to the handler, which has to look at what the provider has signed in any case. */
async function judgeReturn(
  exchange: Exchange,
  keys: KeyRing,
  used: StatesUsed,
  field: string,
): Promise<Verdict> {
  const state = await readFormField(exchange.body, field, MAX_FORM_BYTES);
  const fault = await judgeState(exchange, keys, used, state);
  return fault === undefined ? undefined : refusal(exchange, fault);
}

function judgeToken(exchange: Exchange, keys: KeyRing, token: string | undefined): Refusal | undefined {
  if (token === undefined) return refusal(exchange, 'no token, and no header that tells the origin');
  // A cookie without a live session: nothing to forge with, and nothing a token could be bound to.
  if (exchange.session === undefined) return undefined;
  return verifyCsrfToken(keys, exchange.session.idHash, token)
    ? undefined
    : refusal(exchange, 'the token is not for this session');
}

function refusal(exchange: Exchange, reason: string): Refusal {
  const { request } = exchange;
  return {
    ...CSRF_PROBLEMS.crossSiteRequest,
    detail:
      'This request did not come from a page of this site. Open the page again and repeat what you did.',
    event: eventOf(CSRF_EVENTS.forged, {
      reason,
      origin: cutForLog(header(request, 'origin')),
      site: cutForLog(header(request, 'sec-fetch-site')),
    }),
  };
}
