/** Ends a server without cutting off who is being served, and within a bound, whatever the other side does. */
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Closes a server. Resolves once no connection is left, at the latest when the grace is over. */
export type Drain = (graceMs: number) => Promise<void>;

/**
 * Watches a server from its first connection on, so that it can be drained: it takes no more connections, each answer
 * that is still to come ends its own, and what is left after the grace is cut.
 *
 * `server.close()` alone goes on serving whoever has a connection, and a proxy always has one; and it waits for ever
 * for an upgraded one, which `closeAllConnections()` does not know either.
 */
export function watchForDrain(server: Server): Drain {
  const sockets = new Set<Socket>();
  /** The newest of each connection: one that said it is the last would leave those in the pipe behind it unanswered. */
  const answering = new Map<Socket, ServerResponse>();
  let draining = false;

  const lastOfItsConnection = (response: ServerResponse): void => {
    // A proxy that reads this sends its next request elsewhere, and none into a connection that is just closing.
    if (!response.headersSent) response.setHeader('Connection', 'close');
  };
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    answering.set(socket, response);
    if (draining) lastOfItsConnection(response);
    response.once('close', () => {
      if (answering.get(socket) === response) answering.delete(socket);
      if (draining) server.closeIdleConnections();
    });
  });

  return async (graceMs) => {
    if (!server.listening) return;
    draining = true;
    const closed = once(server, 'close');
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    for (const response of answering.values()) lastOfItsConnection(response);
    server.close();
    server.closeIdleConnections();
    await closed;
    clearTimeout(cut);
  };
}
