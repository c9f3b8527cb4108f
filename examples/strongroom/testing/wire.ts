/** A connection by hand: requests sent in pieces, and all that came back. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An open connection. */
export interface Wire {
  readonly socket: Socket;
  /** Everything that came so far. */
  readonly received: () => string;
  /** Resolves when the other side has closed, and tells everything that came. */
  readonly closed: Promise<string>;
}

/** Connects to a port of this machine. */
export async function openWire(port: number): Promise<Wire> {
  let text = '';
  const socket = connect(port, '127.0.0.1');
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(text));
  });
  await once(socket, 'connect');
  socket.on('error', () => socket.destroy());
  return { socket, received: () => text, closed };
}

/** Whether a port of this machine takes no connection. */
export async function refusesConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}
