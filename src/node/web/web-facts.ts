/** What a `Request` says of itself, as the layer asks for it. */
import type { RequestFacts } from '../../core/exchange.ts';
import { parseHost, showHost, withoutDefaultPort } from '../../controls/firewall/host-name.ts';

/**
 * The facts of a request. How its bytes stood on the wire is gone: names are folded and repeated lines joined. What of that can
 * still be told from one reading is kept apart, so that the guards refuse it.
 *
 * @param serves - whether the policy answers for a host
 */
export function webFacts(
  request: Request,
  peer: string | undefined,
  serves: (host: string) => boolean,
): RequestFacts {
  const { url, method } = request;
  const start = url.indexOf('/', url.indexOf('://') + 3);
  const rawHeaders: string[] = [];
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of request.headers) {
    rawHeaders.push(name, value);
    headers[name] = value;
  }
  const authority = url.slice(url.indexOf('://') + 3, start === -1 ? undefined : start);
  const { host } = headers;
  const isSecure = url.startsWith('https:');
  // HTTP/2 has no Host, and a request that somebody made by hand has none either.
  if (host === undefined) add(rawHeaders, headers, 'host', authority);
  // A handler that builds links reads the address, and the guards read Host: where a stranger's stands in one of them, it has two.
  else if (!isSameHost(authority, String(host), isSecure) && !serves(authority)) {
    rawHeaders.push('host', authority);
    headers['host'] = [String(host), authority];
  }
  if (
    request.body !== null &&
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined
  )
    add(rawHeaders, headers, 'transfer-encoding', 'chunked');
  return {
    method,
    target: targetOf(url, start),
    httpVersion: '1.1',
    rawHeaders,
    headers,
    // Not the empty text, which is a connection that is closed.
    peer: peer ?? 'unknown',
    encrypted: isSecure,
  };
}

/** An address is written in one way only, and Host as its client likes: in capitals, with the port that its scheme has anyway. */
function isSameHost(authority: string, host: string, isSecure: boolean): boolean {
  if (authority === host) return true;
  const [one, other] = [parseHost(authority), parseHost(host)];
  if (one === undefined || other === undefined) return false;
  return showHost(withoutDefaultPort(one, isSecure)) === showHost(withoutDefaultPort(other, isSecure));
}

function add(
  rawHeaders: string[],
  headers: Record<string, string | string[]>,
  name: string,
  value: string,
): void {
  rawHeaders.push(name, value);
  headers[name] = value;
}

/** As the handler reads it too: whatever a server has made of `..` on the way, there is one reading. */
function targetOf(url: string, start: number): string {
  if (start === -1) return '/';
  const end = url.indexOf('#', start);
  return url.slice(start, end === -1 ? undefined : end);
}
