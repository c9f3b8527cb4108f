/** What of an upstream's answer goes on to the client. */
import { headerKey } from '../core/header-line.ts';

/** Between one connection and the next only (RFC 9110 7.6.1); the gateway's own server says these. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What tells of framing, routing or the request cannot come behind a body (RFC 9110 6.5.1). */
const NEVER_TRAILERS: ReadonlySet<string> = new Set([
  ...OF_THE_CONNECTION,
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'host',
  'location',
  'set-cookie',
]);

/**
 * Names and values in turn, without those that belong to the upstream's connection. Of two `Date` lines the first stays, and
 * of two equal lengths one.
 *
 * @param hasLength - whether a length says something of this answer: not where it has no body by its status
 */
export function answerLines(rawHeaders: readonly string[], hasLength: boolean): string[] {
  const named = namedByConnection(rawHeaders);
  const lines: string[] = [];
  let hasDate = false;
  let isLengthTold = !hasLength;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const lower = headerKey(name);
    if (OF_THE_CONNECTION.has(lower) || named.has(lower)) continue;
    if (lower === 'date') {
      if (hasDate) continue;
      hasDate = true;
    } else if (lower === 'content-length') {
      if (isLengthTold) continue;
      isLengthTold = true;
    }
    lines.push(name, rawHeaders[at + 1] ?? '');
  }
  return lines;
}

/** Pairs that may come behind a body. */
export function trailerLines(rawTrailers: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < rawTrailers.length; at += 2) {
    const name = rawTrailers[at] ?? '';
    if (!NEVER_TRAILERS.has(headerKey(name))) pairs.push([name, rawTrailers[at + 1] ?? '']);
  }
  return pairs;
}

const NONE: ReadonlySet<string> = new Set();
const CONNECTION = 'connection';

function namedByConnection(rawHeaders: readonly string[]): ReadonlySet<string> {
  let named: Set<string> | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length !== CONNECTION.length || headerKey(name) !== CONNECTION) continue;
    for (const token of (rawHeaders[at + 1] ?? '').split(',')) {
      const lower = token.trim().toLowerCase();
      if (lower !== 'close' && lower !== 'keep-alive') (named ??= new Set()).add(lower);
    }
  }
  // It cannot take away what the guards look at, or how long the body is.
  for (const name of ['set-cookie', 'content-type', 'content-length', 'content-encoding', 'location'])
    named?.delete(name);
  return named ?? NONE;
}
