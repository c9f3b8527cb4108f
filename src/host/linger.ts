import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How long a client that is still sending gets to read the answer, in milliseconds. */
const LINGER_MS = 1000;

/**
 * Closes the connection once the answer is out. Closing a socket with unread bytes in it sends a reset, which can
 * overtake the answer: so our side is closed first, and the rest after a moment.
 */
export function closeAfterAnswer(response: ServerResponse): void {
  const { socket } = response;
  if (!response.headersSent) response.setHeader('Connection', 'close');
  if (socket === null) return;
  // Node calls this itself once a response with `Connection: close` is written.
  socket.destroySoon = () => lingeringClose(socket);
}

/** Sends what is written, then closes our side at once and the whole socket after a moment. */
export function lingeringClose(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writable) socket.end();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
