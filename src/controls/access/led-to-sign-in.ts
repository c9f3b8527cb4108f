/** The way to the sign-in page, as whoever asked can follow it: a person by a redirect, a script in its own terms. */
import { eventOf } from '../../core/events.ts';
import { type Exchange, header } from '../../core/exchange.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import type { Refusal } from '../../core/verdict.ts';
import { ACCESS_EVENTS } from './access.events.ts';
import type { FrameworkName } from './frameworks.ts';
import { dataOf } from './page-data.ts';

/** Where to sign in, and what stands behind the layer. */
export interface SignInPage {
  readonly path: string;
  readonly frameworks: ReadonlySet<FrameworkName>;
}

/**
 * The answer to somebody who is not signed in. A script that follows a redirect is given a page, in place of the data it asked
 * for, and cannot tell: client routers show an error then, or nothing. So a fetch is answered in the form in which its
 * framework's client takes redirects, and else with 401, whose `signIn` says where a person can be sent.
 *
 * @returns undefined where it is no fetch of a browser, as far as the browser says
 */
export function ledByScript(exchange: Exchange, page: SignInPage): Refusal | undefined {
  if (!isFetch(exchange)) return undefined;
  const { request } = exchange;
  const { frameworks } = page;
  const action = header(request, 'x-sveltekit-action') !== undefined;
  const data = dataOf(exchange.path);
  if (frameworks.has('react-router') && data?.framework === 'react-router' && exchange.path.endsWith('.data'))
    return toReactRouter(wayTo(page, data.pages.at(-1), exchange.query));
  if (frameworks.has('sveltekit') && (action || data?.framework === 'sveltekit'))
    return toSvelteKit(wayTo(page, data?.pages.at(-1) ?? exchange.path, action ? '' : exchange.query));
  const way = wayBack(exchange, page);
  const refusal = { ...SIGN_IN, members: { signIn: way } };
  return frameworks.has('tanstack-start') && header(request, 'x-tsr-serverfn') !== undefined
    ? toTanStack(refusal, exchange, way)
    : refusal;
}

/** Whether a script asked, not somebody who goes to a page. Browsers that do not say which count for the latter. */
export function isFetch({ request }: Exchange): boolean {
  const mode = header(request, 'sec-fetch-mode');
  return mode !== undefined && mode !== 'navigate';
}

/** The sign-in page, with the way back to what was asked for. */
export function signInFor(path: string, back: string): string {
  return `${path}?next=${encodeURIComponent(back)}`;
}

const SIGN_IN = {
  ...PROBLEMS.signInRequired,
  detail: 'Sign in first.',
  event: eventOf(ACCESS_EVENTS.refused, { needs: 'signed-in' }),
} as const;
const REDIRECT = { ...PROBLEMS.redirect, detail: 'Sign in first.' } as const;

/** A 204 with these is a redirect to the client of React Router 7 and 8. The sign-in page is a document of its own. */
function toReactRouter(way: string): Refusal {
  return {
    ...REDIRECT,
    status: 204,
    headers: [
      ['X-Remix-Redirect', way],
      ['X-Remix-Status', '302'],
      ['X-Remix-Reload-Document', 'true'],
    ],
  };
}

/** What data of pages and enhanced forms of SvelteKit are answered with, where `redirect` was thrown. */
function toSvelteKit(location: string): Refusal {
  return {
    ...REDIRECT,
    status: 200,
    headers: NEVER_KEPT,
    content: {
      type: 'application/json',
      body: JSON.stringify({ type: 'redirect', status: REDIRECT.status, location }),
    },
  };
}

/** The client of TanStack Start reads a redirect out of JSON that was not written by its own server, whatever the status. */
function toTanStack(refusal: Refusal, { id }: Exchange, href: string): Refusal {
  const { type, title, status, detail } = refusal;
  const problem = { type: `urn:bulwark:problem:${type}`, title, status, detail, requestId: id, signIn: href };
  const redirect = { isSerializedRedirect: true, href, reloadDocument: true };
  return {
    ...refusal,
    headers: NEVER_KEPT,
    content: { type: 'application/json', body: JSON.stringify({ ...problem, ...redirect }) },
  };
}

const NEVER_KEPT = [['Cache-Control', 'no-store']] as const;
/** What clients add to the query of a page when they ask for its data. */
const OF_CLIENTS = /^(?:_routes|index|x-sveltekit-[\w-]+)$/;

function wayTo({ path }: SignInPage, page = '/', query: string): string {
  const kept = new URLSearchParams(query);
  for (const name of [...kept.keys()]) if (OF_CLIENTS.test(name)) kept.delete(name);
  return signInFor(path, kept.size === 0 ? page : `${page}?${kept.toString()}`);
}

/** Which page the script stands in is in no address: the browser says it where the page's policy lets it. */
function wayBack({ request, host }: Exchange, { path }: SignInPage): string {
  const from = header(request, 'referer') ?? '';
  if (!URL.canParse(from)) return path;
  const { host: theirs, pathname, search } = new URL(from);
  return theirs === host ? signInFor(path, pathname + search) : path;
}
