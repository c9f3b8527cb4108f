/**
 * Upgrades that nobody takes here: to h2c, which Java's HttpClient asks for with every request on plain http, and to TLS,
 * for which Apache HttpClient 5 does. A server may ignore what it is asked for (RFC 9110 7.8), and both clients expect
 * that. The request is then one that never asked: its lines for the upgrade are taken off before any guard or listener
 * reads them, so nothing behind can take it up and open a connection that nobody looks into ("h2c smuggling", 2020).
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { lingeringClose } from './linger.ts';

/** Since Node.js 24.9 a server asks this of each request that wants an upgrade. Its types have it as an option only. */
interface AskedServer {
  shouldUpgradeCallback?: (this: Server, request: IncomingMessage) => boolean;
}

/** The last request of a connection, where one on it asked for an upgrade that was ignored. */
const last = new WeakMap<Duplex, IncomingMessage>();

/**
 * Has a server ignore them. Before Node.js 24.9 it does not ask, and the framing guard refuses h2c as it always did.
 *
 * A request whose upgrade is ignored is the last of its connection, whether the name was ignored here or nobody listens:
 * the parser stops behind it, and Node.js drops what else came in the same piece. The next piece may then begin in the
 * middle of a body, which would be read as a request.
 */
export function ignoreUpgrades(server: Server): void {
  const asked = server as AskedServer;
  const own = asked.shouldUpgradeCallback;
  if (own === undefined) return;
  asked.shouldUpgradeCallback = function shouldUpgrade(request) {
    const taken = !ignoresUpgrade(request, server.maxHeadersCount ?? 0) && own.call(this, request);
    if (!taken && !last.has(request.socket)) last.set(request.socket, request);
    return taken;
  };
}

/** Whether a request stands behind the last one of its connection: nobody may act on it. */
export function isBehindLast(request: IncomingMessage): boolean {
  const ends = last.get(request.socket);
  return ends !== undefined && ends !== request;
}

/** Closes the connection behind the answer to its last request, whatever the answer says of it. */
export function endWithLast(request: IncomingMessage, response: ServerResponse): void {
  if (last.get(request.socket) !== request) return;
  response.shouldKeepAlive = false;
  response.once('finish', () => lingeringClose(request.socket));
}

/** Where another name stands beside it (`h2c, websocket`), two servers could choose differently: that stays an upgrade. */
const IGNORED = /^(?:h2c|tls\/\d(?:\.\d)?)$/i;

/**
 * Whether this request asks for nothing but what is ignored. If so, it no longer asks.
 *
 * @param limit - lines from which on Node.js may have dropped some: the guard has to see that many, and refuses them
 */
function ignoresUpgrade(request: IncomingMessage, limit: number): boolean {
  const { rawHeaders } = request;
  if (limit > 0 && rawHeaders.length >= limit * 2) return false;
  const names = rawHeaders.flatMap((value, at) =>
    at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'upgrade' ? optionsOf(value) : [],
  );
  if (names.length === 0 || !names.every((name) => IGNORED.test(name))) return false;
  const taken = new Set(['upgrade']);
  if (names.some((name) => name.toLowerCase() === 'h2c')) taken.add('http2-settings');
  takeOff(request, taken);
  return true;
}

/** Takes lines off, and their names out of Connection: what that names belongs to this hop alone (RFC 9110 7.6.1). */
function takeOff(request: IncomingMessage, taken: ReadonlySet<string>): void {
  // Node.js makes these of the raw lines when they are first read, by a count of its own: made before lines go.
  const { headers, headersDistinct, rawHeaders } = request;
  const left: string[] = [];
  const connection: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    const lower = name.toLowerCase();
    if (taken.has(lower)) continue;
    const kept = lower === 'connection' ? without(value, taken) : value;
    if (lower === 'connection' && kept !== '') connection.push(kept);
    if (lower !== 'connection' || kept !== '') left.push(name, kept);
  }
  request.rawHeaders = left;
  for (const name of [...taken, 'connection']) {
    delete headers[name];
    delete headersDistinct[name];
  }
  if (connection.length === 0) return;
  headers.connection = connection.join(', ');
  headersDistinct['connection'] = connection;
}

function without(value: string, taken: ReadonlySet<string>): string {
  return optionsOf(value)
    .filter((option) => option !== '' && !taken.has(option.toLowerCase()))
    .join(', ');
}

function optionsOf(value: string): string[] {
  return value.split(',').map((option) => option.trim());
}
