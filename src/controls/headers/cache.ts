/** Caching: an answer made for one person is kept by nobody, whatever the application says. */
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import type { OutgoingHead } from '../../core/head.ts';
import { type HeaderKey, HeaderLine } from '../../core/header-line.ts';

/** Headers that caches at the edge put above Cache-Control, whatever that says (RFC 9213, and what came before it). */
export const EDGE_CACHE_HEADERS: readonly (HeaderKey & string)[] = [
  'cdn-cache-control',
  'surrogate-control',
  'x-accel-expires',
  'cloudflare-cdn-cache-control',
  'vercel-cdn-cache-control',
  'netlify-cdn-cache-control',
];

/** With one of them left, `no-store` would hold in browsers and not at the edge. `Expires` is what HTTP/1.0 caches go by. */
const OVERRIDES: ReadonlySet<HeaderKey> = new Set<HeaderKey>(['expires', ...EDGE_CACHE_HEADERS]);

const NO_STORE = HeaderLine.of('Cache-Control', 'no-store');

/**
 * The guard: `no-store` wherever who is signed in was looked at, or a cookie is set. Static file helpers put
 * `public, max-age=31536000` on private downloads, and a shared cache then hands them to everyone. It has no mode: an
 * answer that may be cached is made without a look at the session.
 */
export function cacheGuard(): Guard {
  return {
    name: 'cache',
    mode: 'enforce',
    onResponse(exchange, head) {
      if (head.part !== 'answer') return undefined;
      if (isPersonal(exchange, head)) forbidStoring(head);
      // A link with a key in it is all that some such pages ask for, and links get into mails, chats and histories.
      if (exchange.rules.private === true) head.setHeader('X-Robots-Tag', 'noindex');
      return undefined;
    },
  };
}

/** Whether an answer is for the one who asked alone. A stored `Set-Cookie` gives one visitor's cookie to the next. */
function isPersonal(exchange: Exchange, head: OutgoingHead): boolean {
  if (exchange.sessionRead || exchange.rules.private === true || head.getHeader('set-cookie') !== undefined)
    return true;
  for (const [name] of exchange.extraHeaders) if (name.toLowerCase() === 'set-cookie') return true;
  return false;
}

function forbidStoring(head: OutgoingHead): void {
  if (head.getHeader('cache-control') === undefined) head.addLine(NO_STORE);
  else head.setHeader('Cache-Control', 'no-store');
  head.removeAll(OVERRIDES);
  // What is not stored is not revalidated, so a weak validator has no use left. A strong one stays: by it browsers
  // go on with a download that broke off (If-Range, RFC 9110 13.1.5).
  const validator = head.getHeader('etag');
  if (typeof validator === 'string' && validator.startsWith('W/')) head.removeHeader('etag');
}
