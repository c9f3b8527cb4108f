/** A way on for someone who is signed in, but not freshly or strongly enough: a page that asks, and back. */
import { BulwarkError } from '../../core/errors.ts';
import { type Exchange, header, type Principal } from '../../core/exchange.ts';
import { isLocalPath } from '../../core/local-path.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { type Refusal, SESSION_OVER, unavailable } from '../../core/verdict.ts';
import type { HeldRequests, SessionValues } from './held-requests.ts';
import { PROBLEMS } from '../../core/problem-types.ts';

/** Where forms are kept, and the session of an exchange to keep them in. */
export interface Keeping {
  readonly requests: HeldRequests;
  readonly sessionOf: (exchange: Exchange) => SessionValues;
}

/** What the page is to ask for: a second factor, or any proof at all. */
type Need = 'mfa' | 'fresh';

/** A longer way back would make an address that servers refuse. */
const LONGEST_NEXT = 4096;

/** What to answer to someone who needs one more proof, in place of a refusal. */
export type Lead = (
  exchange: Exchange,
  principal: Principal,
  need: Need,
  refusal: Refusal,
) => MaybePromise<Refusal>;

/**
 * The way by a page, for `access`.
 *
 * @param page - path of the page that asks for the proof
 * @param keeping - none: no form is kept. It must be none where forged requests come as far as this, or their victim would
 * be shown a page of our own with a button that sends them
 */
export function stepUp(page: string, keeping: Keeping | undefined): Lead {
  return (exchange, principal, need, refusal) => {
    const { target } = exchange;
    const { method } = exchange.request;
    // A program with a token has nobody who could prove anything, and the page itself must not lead to itself.
    if (exchange.session?.principal !== principal || isAt(page, exchange.path)) return refusal;
    if (!isNavigation(exchange)) return refusal;
    if (method === 'GET' || method === 'HEAD') {
      return isLocalPath(target) ? leadTo(`${page}?${nextFor(target)}need=${need}`) : refusal;
    }
    if (keeping === undefined) return notKept(refusal);
    return hold(keeping, exchange, principal).then((id) => {
      if (typeof id !== 'string') return id ?? notKept(refusal);
      return leadTo(`${page}?held=${id}&need=${need}`);
    });
  };
}

/** The id of the form that was kept, or what stands in its way; undefined where it is none that can be kept. */
async function hold(
  { requests, sessionOf }: Keeping,
  exchange: Exchange,
  principal: Principal,
): Promise<string | Refusal | undefined> {
  try {
    return await requests.hold(exchange, principal, sessionOf(exchange));
  } catch (error) {
    if (error instanceof BulwarkError && error.code === 'ERR_BULWARK_SESSION_OVER') return SESSION_OVER;
    return unavailable('What you sent could not be kept. Try again in a few seconds.', error);
  }
}

/** 303: whatever was asked for by POST, the page is looked at. No event: nothing was refused that does not come again. */
function leadTo(location: string): Refusal {
  return {
    ...PROBLEMS.redirect,
    detail: 'Confirm first that it is you.',
    headers: [['Location', location]],
  };
}

function notKept(refusal: Refusal): Refusal {
  return { ...refusal, detail: `${refusal.detail} What you sent was not kept.` };
}

function nextFor(target: string): string {
  const next = encodeURIComponent(target);
  return next.length > LONGEST_NEXT ? '' : `next=${next}&`;
}

/** Whether a person will see the answer: a script that is redirected to a page takes that for the data it asked for. */
function isNavigation({ request }: Exchange): boolean {
  const mode = header(request, 'sec-fetch-mode');
  if ((mode !== undefined && mode !== 'navigate') || request.headers.upgrade !== undefined) return false;
  return header(request, 'accept')?.includes('text/html') ?? false;
}

// Routers take no notice of case and of a slash at the end.
function isAt(page: string, path: string): boolean {
  const [one, other] = [page, path].map((text) => text.toLowerCase().replace(/\/$/, ''));
  return one === other;
}
