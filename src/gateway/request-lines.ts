/** The head that an upstream gets: what the client said, but for what is the gateway's to say. */
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

/**
 * What says where a request came from, or which program runs: servers and frameworks believe it of their proxy, and so of
 * whoever got it past one. `Proxy` becomes the variable HTTP_PROXY in CGI and WSGI.
 */
const OF_THE_GATEWAY: ReadonlySet<string> = new Set([
  'forwarded',
  'proxy',
  'client-ip',
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-host',
  'x-original-url',
  'x-real-ip',
  'x-request-id',
  'x-rewrite-url',
  'x-script-name',
  'x-url-scheme',
  'traceparent',
  'tracestate',
]);
const GATEWAY_PREFIXES: readonly string[] = ['x-forwarded-', 'x-bulwark-', 'x-remote-', 'remote-'];

/** What upstreams take of a head, each failing in its own way on more. */
export interface HeadLimits {
  /** Characters of a target. */
  readonly target: number;
  /** Characters of a header line. */
  readonly line: number;
  readonly lines: number;
}

/** Whether a head is more than the upstream takes. */
export function isTooLarge(lines: RequestLines, target: string, limits: HeadLimits): boolean {
  return target.length > limits.target || lines.count > limits.lines || lines.longest > limits.line;
}

/** Header lines on their way to an upstream. */
export class RequestLines {
  /** Names and values in turn. */
  #lines: string[] = [];

  /** @param rawHeaders - names and values in turn, as the client sent them */
  constructor(rawHeaders: readonly string[]) {
    const named = namedByConnection(rawHeaders);
    const cookies: string[] = [];
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at] ?? '';
      const value = rawHeaders[at + 1] ?? '';
      const lower = name.toLowerCase();
      if (lower === 'cookie') cookies.push(value);
      else if (!isDropped(lower, named)) this.#lines.push(name, value);
    }
    // In one line: two of them are joined with a comma by WSGI servers, or one is lost.
    if (cookies.length > 0) this.#lines.push('Cookie', cookies.join('; '));
  }

  /** Every value of a name, in any case of letters. */
  get(name: string): readonly string[] {
    return this.#lines.filter(
      (_, at) => at % 2 === 1 && this.#lines[at - 1]?.toLowerCase() === name.toLowerCase(),
    );
  }

  /** One line in place of all that have this name. */
  set(name: string, value: string): void {
    this.remove(name);
    this.#lines.push(name, value);
  }

  remove(name: string): void {
    const lower = name.toLowerCase();
    if (!this.#lines.some((line, at) => at % 2 === 0 && line.toLowerCase() === lower)) return;
    const kept: string[] = [];
    for (let at = 0; at < this.#lines.length; at += 2) {
      const line = this.#lines[at] ?? '';
      if (line.toLowerCase() !== lower) kept.push(line, this.#lines[at + 1] ?? '');
    }
    this.#lines = kept;
  }

  get count(): number {
    return this.#lines.length / 2;
  }

  /** Bytes of the longest line. */
  get longest(): number {
    let longest = 0;
    for (let at = 0; at < this.#lines.length; at += 2)
      longest = Math.max(longest, (this.#lines[at] ?? '').length + (this.#lines[at + 1] ?? '').length + 2);
    return longest;
  }

  /** The request line and all others, with the empty one that ends them. Of one byte a character. */
  write(method: string, target: string): string {
    let head = `${method} ${target} HTTP/1.1\r\n`;
    for (let at = 0; at < this.#lines.length; at += 2)
      head += `${this.#lines[at]}: ${this.#lines[at + 1]}\r\n`;
    return `${head}\r\n`;
  }
}

function isDropped(lower: string, named: ReadonlySet<string> | undefined): boolean {
  return (
    OF_THE_CONNECTION.has(lower) ||
    OF_THE_GATEWAY.has(lower) ||
    // A WSGI server takes `Content_Length` for `Content-Length`, and `X_Forwarded_For` for what the gateway set.
    lower.includes('_') ||
    lower.includes('.') ||
    GATEWAY_PREFIXES.some((prefix) => lower.startsWith(prefix)) ||
    named?.has(lower) === true
  );
}

/** Names that `Connection` lists, but for those that are no header of ours to lose. */
function namedByConnection(rawHeaders: readonly string[]): ReadonlySet<string> | undefined {
  let named: Set<string> | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'connection') continue;
    const value = rawHeaders[at + 1] ?? '';
    if (hasToken(value, 'keep-alive') && !value.includes(',')) continue;
    for (const token of value.split(',')) (named ??= new Set()).add(token.trim().toLowerCase());
  }
  // A client that lists these would take from the upstream what the guards judged it by.
  for (const name of ['host', 'cookie', 'authorization', 'origin']) named?.delete(name);
  return named;
}
