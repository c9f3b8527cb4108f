/** Addresses at which frameworks fetch another path of their own application, inside, past every layer. */
import type { Exchange } from '../../core/exchange.ts';

/** Optimizers of pictures, at the root or below a base path: Next.js 16 and Astro 6 fetch the path in this field. */
const FETCHING: readonly (readonly [address: RegExp, field: string])[] = [
  [/\/_next\/image\/?$/, 'url'],
  [/\/_image\/?$/, 'href'],
];

/**
 * The path that will be fetched for a request, as it is written there: a client that may not ask for a path may
 * not have it fetched either. Undefined: no path of this site is fetched. Null: the path cannot be told.
 */
export function fetchedTarget({ path, query, host }: Exchange): string | null | undefined {
  if (!path.includes('/_')) return undefined;
  const folded = path.toLowerCase();
  const field = FETCHING.find(([address]) => address.test(folded))?.[1];
  if (field === undefined) return undefined;
  const [target, ...more] = new URLSearchParams(query).getAll(field);
  if (target === undefined) return undefined;
  return more.length > 0 ? null : pathOf(target, host);
}

function pathOf(target: string, host: string): string | null | undefined {
  // A path without a host, and not a form such as `//host` that a browser and a router read in two ways.
  if (/^\/(?![/\\])/.test(target)) return /^[^?#]*/.exec(target)?.[0] ?? null;
  if (!URL.canParse(target)) return null;
  const { host: other, pathname } = new URL(target);
  return other.toLowerCase() === host ? pathname : undefined;
}
