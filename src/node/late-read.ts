/**
 * A session that is read once the head has left: a page that is sent as it is made. What the head said of caching can no
 * longer be changed, and where it lets caches keep the answer they would give one person's page to everyone.
 */
import type { ServerResponse } from 'node:http';
import type { Exchange } from '../core/exchange.ts';
import { EDGE_CACHE_HEADERS } from '../controls/headers/cache.ts';
import type { HeaderValue } from '../core/head.ts';
import type { HeaderKey } from '../core/header-line.ts';
import type { Layer } from '../layer/layer.ts';
import { HEADERS_EVENTS } from '../controls/headers/headers.events.ts';

/** A head that has left, or is about to: Node's own, or one of ours. */
interface Headers {
  getHeader(key: HeaderKey & string): HeaderValue | undefined;
}

const FOR_ONE_ALONE = /(?:^|[,\s])(?:no-store|private)(?:$|[,\s;])/i;

/**
 * Tells of a session that was read after the head left, where the answer is one person's and caches may keep it. True: so it
 * is, and the answer must not look whole.
 */
export function isLeak(head: Headers, layer: Layer, exchange: Exchange): boolean {
  // A visitor's page is anyone's.
  if (exchange.session === undefined || !mayBeKept(head)) return false;
  layer.audit.writeGated(HEADERS_EVENTS.cacheable, { reason: REASON, fix: FIX }, exchange);
  // Where its length was told, nothing more can be done: it is whole with its last byte.
  return head.getHeader('content-length') === undefined;
}

/**
 * Ends an answer without the end that its form has: the person has all of it, and no cache keeps what is incomplete
 * (RFC 9111, 3.3).
 */
export function leaveUnfinished(response: ServerResponse, write: () => unknown): void {
  const { socket } = response;
  write();
  if (socket === null) response.destroy();
  // Without chunks the end of the connection is the end of the answer, and only a reset is none.
  else if (response.chunkedEncoding) socket.end();
  else socket.write('', () => socket.resetAndDestroy());
}

const REASON = 'who is signed in was looked at after the head had let caches keep the answer';
const FIX = "look at the session before the first byte, or answer with Cache-Control: 'no-store'";

/** Whether caches may keep an answer, by its head. */
export function mayBeKept(head: Headers): boolean {
  const targeted = EDGE_CACHE_HEADERS.map((name) => head.getHeader(name)).filter(
    (said) => said !== undefined,
  );
  if (targeted.some((said) => !isForNobodyElse(String(said)))) return true;
  const said = head.getHeader('cache-control');
  return said === undefined ? head.getHeader('expires') !== undefined : !FOR_ONE_ALONE.test(String(said));
}

/** X-Accel-Expires says it by a number. */
function isForNobodyElse(said: string): boolean {
  return FOR_ONE_ALONE.test(said) || said === '0';
}
