/** Servers that a framework makes by itself, found as they begin to listen: before the first request or upgrade. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Gate } from './gate.ts';
import { isHttpServer, isJudged, secureServer } from './server.ts';

/** Published by Node.js in `net.Server.listen()`, for http and https servers alike. */
const LISTENING = 'tracing:net.server.listen:asyncStart';

/**
 * Puts the layer before every server one of whose request listeners leads to it: `app.listen()`, and what NestJS makes.
 * Returns how to stop looking.
 *
 * @param leadsHere - whether a request listener is one that hands its requests to this layer
 */
export function findServers(gate: Gate, leadsHere: (listener: unknown) => boolean): () => void {
  const look = (message: unknown): void => {
    const { server } = message as { readonly server?: unknown };
    if (!isHttpServer(server) || isJudged(server) || !listenersOf(server).some(leadsHere)) return;
    secureServer(gate, server);
    gate.selfCheck.tell(
      'ERR_BULWARK_SERVER_NOT_HARDENED',
      `the server was not made by the layer: slow clients are noticed late; use ${gate.hardened}`,
    );
  };
  subscribe(LISTENING, look);
  return () => void unsubscribe(LISTENING, look);
}

type Listening = (this: NetServer, event: string, listener: unknown) => NetServer;

/**
 * Every request listener that a server was given before it listened. A library that takes a server over (socket.io, SockJS,
 * health checks) takes the others off and calls them itself, where the layer cannot see them.
 */
const given = new WeakMap<NetServer, unknown[]>();

function listenersOf(server: Server): readonly unknown[] {
  return [...server.listeners('request'), ...(given.get(server) ?? [])];
}

/**
 * Notes request listeners as servers are given them, from the import of this module on: a server may be older than its
 * layer, and Node.js has no event for it. On the prototype that http and https servers share, which is loaded with either.
 */
function noteListeners(prototype: NetServer): void {
  for (const name of ['on', 'addListener', 'prependListener'] as const) {
    const own = prototype[name] as Listening;
    const noting: Listening = function noting(event, listener) {
      if (event === 'request' && !this.listening) given.set(this, [...(given.get(this) ?? []), listener]);
      return own.call(this, event, listener);
    };
    Object.defineProperty(prototype, name, { value: noting, writable: true, configurable: true });
  }
}

noteListeners(NetServer.prototype);
