/** Ends a server without losing a request. */
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';

/**
 * Takes no new connections, and resolves when the last is closed. Connections that are kept go on until their next answer,
 * which says that it is the last, or until they lie idle: one that was closed while a request is on its way loses it.
 */
export async function retire(server: HttpServer): Promise<void> {
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false;
  });
  const closed = once(server, 'close');
  // That of node:http would cut idle connections at once.
  Server.prototype.close.call(server);
  await closed;
}

/** Takes no new connections, and ends the idle ones; what is under way has `limit` milliseconds. */
export async function end(server: HttpServer, limit: number): Promise<void> {
  const closed = retire(server);
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), limit);
  await closed;
  clearTimeout(timer);
}
