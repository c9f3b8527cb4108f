/** The lines of a request on their way to an upstream. What guards take away or hand on of them is theirs (`Layer.forward`). */
import { isOdd } from '../controls/firewall/header-names.ts';
import { byName } from '../core/by-name.ts';
import { foldName, ForwardLines } from '../core/forward-head.ts';
import { hasToken } from './upstream/answer-head.ts';

/**
 * Between one connection and the next only (RFC 9110 7.6.1), and what tells of a body or of a client's patience: the gateway
 * says these anew, or has no need of them.
 */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What upstreams take of a head, each failing in its own way on more. */
export interface HeadLimits {
  /** Characters of a target. */
  readonly target: number;
  /** Characters of a header line. */
  readonly line: number;
  readonly lines: number;
}

/**
 * The lines of a request, without those of the client's connection, and one for each name.
 *
 * @param rawHeaders - names and values in turn, as the client sent them
 */
export function requestLines(rawHeaders: readonly string[]): ForwardLines {
  const named = namedByConnection(rawHeaders);
  const lines = new ForwardLines();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const { folded, isDropped } = factsOf(name);
    if (!isDropped && named?.has(folded) !== true) lines.join(folded, name, rawHeaders[at + 1] ?? '');
  }
  return lines;
}

/** Whether a head is more than the upstream takes. */
export function isTooLarge(target: string, lines: readonly string[], limits: HeadLimits): boolean {
  if (target.length > limits.target || lines.length / 2 > limits.lines) return true;
  for (let at = 0; at < lines.length; at += 2)
    if ((lines[at] ?? '').length + 2 + (lines[at + 1] ?? '').length > limits.line) return true;
  return false;
}

/** The request line and all others, with the empty one that ends them. Of one byte a character. */
export function writeRequestHead(method: string, target: string, lines: readonly string[]): string {
  let head = `${method} ${target} HTTP/1.1\r\n`;
  for (let at = 0; at < lines.length; at += 2) head += `${lines[at]}: ${lines[at + 1]}\r\n`;
  return `${head}\r\n`;
}

/** What is known of a name, whatever the request. */
const factsOf = byName((name) => {
  const folded = foldName(name);
  // A WSGI server takes `Content_Length` for `Content-Length`, and others fold other signs.
  return { folded, isDropped: OF_THE_CONNECTION.has(folded) || isOdd(name) };
});

const CONNECTION = 'connection';

/** Names that `Connection` lists, but for those that are no header of ours to lose. */
function namedByConnection(rawHeaders: readonly string[]): ReadonlySet<string> | undefined {
  let named: Set<string> | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length !== CONNECTION.length || foldName(name) !== CONNECTION) continue;
    const value = rawHeaders[at + 1] ?? '';
    if (hasToken(value, 'keep-alive') && !value.includes(',')) continue;
    for (const token of value.split(',')) (named ??= new Set()).add(token.trim().toLowerCase());
  }
  // A client that lists these would take from the upstream what the guards judged it by.
  for (const name of ['host', 'cookie', 'authorization', 'origin']) named?.delete(name);
  return named;
}
