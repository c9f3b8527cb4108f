import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** How long a client that is still sending gets to read the answer, in milliseconds. */
const LINGER_MS = 1000;

const closing = new WeakSet<Duplex>();

/**
 * Whether this connection ends with an answer that was given on it already. A request behind that one was read by
 * the parser all the same, in the reading that was refused: no guard and no handler may act on it.
 */
export function isClosing(socket: Duplex): boolean {
  return closing.has(socket);
}

/**
 * Closes the connection once the answer is out. Closing a socket with unread bytes in it sends a reset, which can
 * overtake the answer: so our side is closed first, and the rest after a moment.
 */
export function closeAfterAnswer(response: ServerResponse): void {
  // Not the response's own: one that waits behind another has none yet.
  const { socket } = response.req;
  closing.add(socket);
  if (!response.headersSent) response.setHeader('Connection', 'close');
  // Node calls this itself once a response with `Connection: close` is written.
  socket.destroySoon = () => lingeringClose(socket);
}

/** Sends what is written, then closes our side at once and the whole socket after a moment. */
export function lingeringClose(socket: Socket): void {
  if (socket.destroyed) return;
  closing.add(socket);
  if (socket.writable) socket.end();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
