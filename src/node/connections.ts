/** Connections: capped per client, and cut where the other side does not take what it asked for. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { AddressBook } from '../controls/firewall/address.ts';
import { ConnectionTable } from '../controls/firewall/connections.ts';
import { SlowReader } from '../controls/firewall/slow-reader.ts';
import type { Layer } from '../layer/layer.ts';
import { peerOf } from './peer.ts';
import { FIREWALL_EVENTS } from '../controls/firewall/firewall.events.ts';

/** Watches every connection of a server until it closes. */
export function watchConnections(layer: Layer, server: Server): void {
  const { timeouts, proxy } = layer.policy;
  const book = new AddressBook(proxy);
  const table = new ConnectionTable(timeouts.connectionsPerClient, timeouts.maxConnections);
  const pace = { period: timeouts.slowReader, bytes: timeouts.slowReaderBytes };
  const readers = new Map<Socket, SlowReader>();

  let connections = 0;
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    const now = performance.now();
    for (const [socket, reader] of readers) {
      const sample = { now, waiting: socket.writableLength, taken: takenBytes(socket) };
      if (reader.judge(sample) === 'wait') continue;
      layer.audit.writeGated(FIREWALL_EVENTS.slowReader, {
        reason: 'does not read',
        client: peerOf(socket),
      });
      socket.destroy();
    }
  };
  const watch = (socket: Socket): void => {
    // From the first connection on: a server that never listens (`app.inject`) is not kept for good by a timer, and one that
    // listens once more has it again.
    timer ??= setInterval(look, timeouts.checkEvery).unref();
    readers.set(socket, new SlowReader(pace, performance.now()));
    socket.once('close', () => readers.delete(socket));
  };
  server.on('connection', (socket: Socket) => {
    const { client, trusted } = book.peer(peerOf(socket));
    connections += 1;
    // A trusted proxy stands for all its clients: only the cap over all connections holds for it.
    const key = trusted ? `${connections}/${client.key}` : client.key;
    if (!table.open(key)) {
      layer.audit.writeGated(FIREWALL_EVENTS.tooManyConnections, {
        limit: 'connections',
        client: client.address,
      });
      socket.destroy();
      return;
    }
    socket.once('close', () => table.close(key));
    if (!('setSecureContext' in server)) watch(socket);
  });
  // What waits for the client of a TLS connection waits above TLS: the socket below it never looks full.
  server.on('secureConnection', watch);
  server.on('close', () => {
    clearInterval(timer);
    timer = undefined;
  });
}

interface SocketHandle {
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
  /** Of TLS: the handle of the connection below it. */
  readonly _parent?: SocketHandle | null;
}

/**
 * Bytes the other side has taken. Node counts a chunk as written only once all of it is, so that on a slow line a
 * large one looks like no progress at all: the handle below knows what of it is still queued. Over TLS that is the
 * handle of the connection itself.
 */
function takenBytes(socket: Socket): number {
  const { _handle: top } = socket as Socket & { _handle?: SocketHandle | null };
  const handle = top?._parent ?? top;
  if (handle?.bytesWritten === undefined) return socket.bytesWritten - socket.writableLength;
  return handle.bytesWritten - (handle.writeQueueSize ?? 0);
}
