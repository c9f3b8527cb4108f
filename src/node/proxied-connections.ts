/**
 * Connections whose proxy says ahead of the first request who is at its other end (PROXY protocol). The head is read
 * before any listener hears of the connection, and so before TLS: for all of them the client's address is then the
 * address of the socket.
 */
import type { Server } from 'node:http';
import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { AddressBook } from '../controls/firewall/address.ts';
import { FIREWALL_EVENTS } from '../controls/firewall/firewall.events.ts';
import { type ProxiedClient, type ProxyHead, readProxyHead } from '../controls/firewall/proxy-head.ts';
import type { Layer } from '../layer/layer.ts';
import { peerOf } from './peer.ts';

/** What a socket is called whose proxy hides its client. No address: nobody trusts it, and no list has it. */
const HIDDEN = 'unknown';

const clients = new WeakMap<Socket, ProxiedClient>();

/**
 * Has a server take the head of every connection of a trusted proxy. Those of anybody else are left as they are: to the
 * parser a head is then a broken request.
 */
export function readProxyHeads(layer: Layer, server: Server): void {
  const { proxy, timeouts } = layer.policy;
  const book = new AddressBook(proxy);
  const emit = server.emit.bind(server);
  const known = new WeakSet<Socket>();
  const waiting = new Set<Socket>();

  const take = (socket: Socket): void => {
    if (waiting.size >= timeouts.maxConnections) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    waiting.add(socket);
    readHead(socket, timeouts.headers, (head) => {
      waiting.delete(socket);
      if (head.kind !== 'whole') {
        socket.destroy();
        // Who connects and leaves without a word looks whether we live.
        if (head.kind === 'bad')
          layer.audit.writeGated(FIREWALL_EVENTS.proxyHead, { reason: head.reason, client: peer });
        return;
      }
      if (head.client !== undefined) {
        clients.set(socket, head.client);
        name(socket, head.client);
      }
      known.add(socket);
      emit('connection', socket);
    });
  };
  server.emit = function emitNamed(event: string, ...args: unknown[]): boolean {
    const [socket] = args;
    if (event === 'secureConnection') nameOverTls(socket);
    if (event !== 'connection' || !(socket instanceof Socket) || known.has(socket))
      return emit(event, ...args);
    const peer = peerOf(socket);
    // Gone before it was taken, as who looks whether we live leaves: nobody knows whose head this would be.
    if (peer === '') socket.destroy();
    else if (book.peer(peer).trusted) take(socket);
    else return emit(event, ...args);
    return true;
  };
  endWith(server, waiting);
}

/**
 * Has whoever waits for a head go when the server closes. To the server these are no connections of its own yet: it would wait
 * for them, and answer one that it closed long before.
 */
function endWith(server: Server, waiting: ReadonlySet<Socket>): void {
  const end = (): void => {
    for (const socket of waiting) socket.destroy();
  };
  const close = server.close.bind(server);
  server.close = (done) => {
    end();
    return close(done);
  };
  const closeAll = server.closeAllConnections.bind(server);
  server.closeAllConnections = () => {
    end();
    closeAll();
  };
}

/** Whether a proxy has named who is at the other end. */
export function isNamed(socket: object): boolean {
  return clients.has(socket as Socket) || clients.has(belowOf(socket) as Socket);
}

function belowOf(socket: object): Socket | undefined {
  return (socket as Partial<TLSSocket> & { readonly _parent?: Socket })._parent;
}

/** Gives a socket of TLS the name that the connection below it was given. */
export function nameOverTls(socket: unknown): void {
  const below = belowOf(socket as object);
  const client = below === undefined ? undefined : clients.get(below);
  if (client !== undefined) name(socket as Socket, client);
}

/** Reads until the head is whole, bad, or late, and leaves what stands behind it for whoever reads next. */
function readHead(socket: Socket, limit: number, done: (head: ProxyHead) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  let isSettled = false;
  const settle = (head: ProxyHead): void => {
    if (isSettled) return;
    isSettled = true;
    clearTimeout(timer);
    socket.off('readable', read);
    socket.off('end', leave);
    socket.off('close', leave);
    // Whoever takes it over listens for errors, in this very turn.
    setImmediate(() => socket.off('error', leave));
    if (head.kind === 'whole' && bytes.length > head.length) socket.unshift(bytes.subarray(head.length));
    done(head);
  };
  const leave = (): void => settle(bytes.length === 0 ? { kind: 'short' } : cut('a head that was cut'));
  const read = (): void => {
    // A piece at a time, and no more than what the parser asks for before it says no: 64 KB of Node.js, once.
    const piece = socket.read() as Buffer | null;
    if (piece === null) return;
    bytes = bytes.length === 0 ? piece : Buffer.concat([bytes, piece]);
    const head = readProxyHead(bytes);
    if (head.kind !== 'short') settle(head);
  };
  const timer = setTimeout(() => settle(cut('a head that did not come in time')), limit);
  socket.on('error', leave);
  socket.on('readable', read);
  socket.on('end', leave);
  socket.on('close', leave);
}

function cut(reason: string): ProxyHead {
  return { kind: 'bad', reason };
}

/** What frameworks and the layer read of a socket: as if the client itself were at its other end. */
function name(socket: Socket, { address, port, encrypted }: ProxiedClient): void {
  define(socket, 'remoteAddress', address ?? HIDDEN);
  define(socket, 'remotePort', port);
  define(socket, 'remoteFamily', address?.includes(':') === true ? 'IPv6' : 'IPv4');
  if (encrypted) define(socket, 'encrypted', true);
}

function define(socket: Socket, key: string, value: unknown): void {
  Object.defineProperty(socket, key, { value, configurable: true });
}
