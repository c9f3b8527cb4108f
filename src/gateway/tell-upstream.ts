/** What the gateway tells an upstream beside what guards hand on: each name anew, whatever a client sent under it. */
import type { Exchange } from '../core/exchange.ts';
import type { ForwardHead } from '../core/forward-head.ts';
import { headerKey } from '../core/header-line.ts';
import { randomHex } from '../core/random.ts';
import { TRACED } from '../core/traced.ts';
import { writeTraceParent } from '../core/trace-parent.ts';

/** Goes with a trace that the client said it was in (W3C Trace Context): this is another one. */
const TRACESTATE = headerKey('tracestate');

/** Says who asked, by which origin, and under which id the log has it. */
export function tellUpstream(lines: ForwardHead, exchange: Exchange): void {
  const { host } = exchange;
  const { port, rest } = originLines(host, exchange.secure);
  // In the one spelling that was judged. Empty where the guard of hosts only observes.
  if (host !== '' && lines.get('host') !== host) lines.set('Host', host);
  lines.set('X-Forwarded-Port', port);
  lines.set('Forwarded', `for=${forwardedNode(exchange.client.address)}${rest}`);
  lines.set('X-Request-Id', exchange.id);
  tellTrace(lines, exchange);
}

/** The span of the request where there is one; else a trace that nobody records, and never the one that a client names. */
function tellTrace(lines: ForwardHead, exchange: Exchange): void {
  const traced = exchange.get(TRACED);
  lines.remove(TRACESTATE);
  if (traced?.place === undefined) {
    const ids = randomHex(24);
    lines.set('Traceparent', `00-${ids.slice(0, 32)}-${ids.slice(32)}-00`);
    return;
  }
  lines.set('Traceparent', writeTraceParent(traced.place));
  if (traced.state !== undefined) lines.set('Tracestate', traced.state);
}

/** What is told of an origin. */
interface OriginLines {
  readonly host: string;
  readonly secure: boolean;
  readonly port: string;
  /** What stands behind the client in `Forwarded`. */
  readonly rest: string;
}

/** Of the origin that was asked last: nearly always there is one. */
let last: OriginLines | undefined;

function originLines(host: string, secure: boolean): OriginLines {
  if (last?.host === host && last.secure === secure) return last;
  const match = /^(.*?)(?::(\d+))?$/.exec(host);
  const name = match?.[1] ?? host;
  const port = match?.[2] ?? (secure ? '443' : '80');
  last = { host, secure, port, rest: `;host=${quoted(name, host)};proto=${secure ? 'https' : 'http'}` };
  return last;
}

/** RFC 7239 4 and 6: an IPv6 address stands in brackets, and in quotes with its colons. */
function forwardedNode(address: string): string {
  return address.includes(':') ? `"[${address}]"` : address;
}

function quoted(name: string, host: string): string {
  return name === host && !host.includes(':') && !host.includes('[') ? host : `"${host}"`;
}
