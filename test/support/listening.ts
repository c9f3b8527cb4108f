/** A server that listens for as long as a test uses it. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Has a server listen on a free port of loopback, and ends it with what is still connected, then what stands behind it. */
export async function listening<T>(
  server: Server,
  use: (port: number) => Promise<T>,
  close?: () => Promise<void>,
): Promise<T> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    server.close();
    await close?.();
  }
}
