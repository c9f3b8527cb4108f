/** What the gateway tells an upstream beside what guards hand on: each name anew, whatever a client sent under it. */
import type { Exchange } from '../core/exchange.ts';
import type { ForwardHead } from '../core/forward-head.ts';
import { headerKey } from '../core/header-line.ts';
import { randomBytes } from '../core/random.ts';

/** Goes with a trace that the client said it was in (W3C Trace Context): this is another one. */
const TRACESTATE = headerKey('tracestate');

/** Says who asked, by which origin, and under which id the log has it. */
export function tellUpstream(lines: ForwardHead, exchange: Exchange): void {
  const { client, secure, host } = exchange;
  const proto = secure ? 'https' : 'http';
  const { name, port } = splitHost(host, secure);
  lines.set('X-Forwarded-Port', port);
  lines.set('Forwarded', `for=${forwardedNode(client.address)};host=${quoted(name, host)};proto=${proto}`);
  lines.set('X-Request-Id', exchange.id);
  lines.remove(TRACESTATE);
  lines.set('Traceparent', `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`);
}

function splitHost(host: string, secure: boolean): { name: string; port: string } {
  const match = /^(.*?)(?::(\d+))?$/.exec(host);
  return { name: match?.[1] ?? host, port: match?.[2] ?? (secure ? '443' : '80') };
}

/** RFC 7239 4 and 6: an IPv6 address stands in brackets, and in quotes with its colons. */
function forwardedNode(address: string): string {
  return address.includes(':') ? `"[${address}]"` : address;
}

function quoted(name: string, host: string): string {
  return name === host && !host.includes(':') && !host.includes('[') ? host : `"${host}"`;
}
