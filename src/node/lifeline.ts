/** Watches over an exchange whose signal somebody asked for: its connection, and its session. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Exchange } from '../core/exchange.ts';
import type { Sessions } from '../controls/sessions/sessions.ts';

/** One listener a connection, however many requests came behind each other on it. */
const watched: WeakMap<Socket, Set<() => void>> = new WeakMap();

/** @param response - none where nothing answers yet, as of an upgrade: then the connection alone is watched */
export function watchOver(
  exchange: Exchange,
  sessions: Sessions,
  socket: Socket,
  response: ServerResponse | undefined,
): void {
  if (response?.writableFinished === true) return;
  if (socket.destroyed || response?.destroyed === true) {
    exchange.callOff('ERR_BULWARK_CLIENT_GONE');
    return;
  }
  const unfollow = sessions.follow(exchange);
  const onClose = (): void => {
    unfollow();
    unwatch();
    response?.off('close', onClose);
    if (response?.writableFinished !== true) exchange.callOff('ERR_BULWARK_CLIENT_GONE');
  };
  // A response that waits behind another is not told where its connection ends.
  const unwatch = watch(socket, onClose);
  response?.once('close', onClose);
}

function watch(socket: Socket, onClose: () => void): () => void {
  // What stands in for a connection in tests may have no events.
  if (typeof (socket as Partial<Socket>).once !== 'function') return () => undefined;
  let listeners = watched.get(socket);
  if (listeners === undefined) {
    const all = new Set<() => void>();
    listeners = all;
    watched.set(socket, all);
    socket.once('close', () => {
      for (const listener of all) listener();
    });
  }
  listeners.add(onClose);
  return () => listeners.delete(onClose);
}
