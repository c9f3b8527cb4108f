/**
 * A request of HTTP/2 as the head of HTTP/1.1 that the layer judges: one reading for both, and no second set of guards. What
 * could be read differently once it is text (RFC 9113 10.3) is no request.
 */
import { createHash } from 'node:crypto';
import { randomBytes } from '../../../core/random.ts';

/** How the bytes that follow a head are written. */
type BodyForm = 'none' | 'length' | 'chunked' | 'raw';

/** A request, as it stands in HTTP/1.1. */
export interface RequestHead {
  readonly text: string;
  readonly method: string;
  readonly body: BodyForm;
  /** What answers a handshake of a WebSocket has to say `Sec-WebSocket-Accept` of: undefined for all else. */
  readonly accept: string | undefined;
}

/** Between one connection and the next only: a request of HTTP/2 with one of them is malformed (RFC 9113 8.2.2). */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

const TOKEN = /^[!#$%&'*+.^_`|~\da-z-]+$/i;
/** No blank and no control character: a line end in a target would begin a header, or a request, of its own. */
// eslint-disable-next-line no-control-regex
const TARGET = /^[^\x00-\x20\x7f]+$/;
// eslint-disable-next-line no-control-regex
const VALUE = /^[^\x00-\x08\x0a-\x1f\x7f]*$/;

/**
 * The head, or undefined where the request is malformed.
 *
 * @param rawHeaders - names and values in turn, pseudo-headers too
 * @param endsHere - whether no body follows
 */
export function requestHead(rawHeaders: readonly string[], endsHere: boolean): RequestHead | undefined {
  const fields = readFields(rawHeaders);
  if (fields === undefined) return undefined;
  const { pseudo, hasLength } = fields;
  const method = pseudo.get(':method') ?? '';
  if (!TOKEN.test(method)) return undefined;
  if (method === 'CONNECT') return connectHead(fields);
  const path = pseudo.get(':path') ?? '';
  if (pseudo.get(':scheme') !== 'https' || pseudo.has(':protocol') || !TARGET.test(path)) return undefined;
  const body = endsHere ? 'none' : hasLength ? 'length' : 'chunked';
  const coding = body === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
  return {
    text: `${method} ${path} HTTP/1.1\r\n${fields.lines}${coding}\r\n`,
    method,
    body,
    accept: undefined,
  };
}

/** A WebSocket over HTTP/2 (RFC 8441) is the handshake of HTTP/1.1; any other CONNECT stays one, for the guards to refuse. */
function connectHead({ pseudo, lines }: Fields): RequestHead | undefined {
  const method = 'CONNECT';
  const protocol = pseudo.get(':protocol');
  if (protocol === undefined) {
    const authority = pseudo.get(':authority') ?? '';
    if (!TARGET.test(authority) || pseudo.has(':path') || pseudo.has(':scheme')) return undefined;
    return { text: `CONNECT ${authority} HTTP/1.1\r\n${lines}\r\n`, method, body: 'raw', accept: undefined };
  }
  const path = pseudo.get(':path') ?? '';
  if (pseudo.get(':scheme') !== 'https' || !TARGET.test(path) || !TOKEN.test(protocol)) return undefined;
  const key = randomBytes(16).toString('base64');
  const upgrade = `Connection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Key: ${key}\r\n`;
  const text = `GET ${path} HTTP/1.1\r\n${lines}${upgrade}\r\n`;
  return { text, method: 'GET', body: 'raw', accept: acceptOf(key) };
}

/** What a server that speaks WebSocket makes of a key (RFC 6455 4.2.2). */
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

interface Fields {
  readonly pseudo: ReadonlyMap<string, string>;
  readonly lines: string;
  readonly hasLength: boolean;
}

function readFields(rawHeaders: readonly string[]): Fields | undefined {
  const pseudo = new Map<string, string>();
  let lines = '';
  let host: string | undefined;
  let cookie: string | undefined;
  let hasLength = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (!VALUE.test(value)) return undefined;
    if (name.startsWith(':')) {
      if (pseudo.has(name)) return undefined;
      pseudo.set(name, value);
      continue;
    }
    if (!TOKEN.test(name) || OF_THE_CONNECTION.has(name)) return undefined;
    if (name === 'te' && value.toLowerCase() !== 'trailers') return undefined;
    if (name === 'host' && host === undefined) host = value;
    // Browsers send each cookie in a field of its own (RFC 9113 8.2.3).
    else if (name === 'cookie') cookie = cookie === undefined ? value : `${cookie}; ${value}`;
    // The key is the gateway's own: there is none in a handshake of HTTP/2.
    else if (name !== 'sec-websocket-key') {
      if (name === 'content-length') hasLength = true;
      lines += `${name}: ${value}\r\n`;
    }
  }
  if (cookie !== undefined) lines += `cookie: ${cookie}\r\n`;
  return { pseudo, lines: hostLines(pseudo.get(':authority'), host) + lines, hasLength };
}

/** Where the two differ both are written: the layer refuses a request of two hosts. */
function hostLines(authority: string | undefined, host: string | undefined): string {
  let lines = '';
  if (authority !== undefined) lines += `host: ${authority}\r\n`;
  if (host !== undefined && host.toLowerCase() !== authority?.toLowerCase()) lines += `host: ${host}\r\n`;
  return lines;
}
