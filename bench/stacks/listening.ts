/** Servers on a port of no one's choosing, and the clients of Redis behind them. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, type RedisClientType } from 'redis';
import type { RunningStack } from './stack.ts';

/** What ends together with a server. */
export type Cleanup = () => unknown;

/** Listens on 127.0.0.1. `cleanups` run after the server is closed. */
export async function listening(server: Server, ...cleanups: Cleanup[]): Promise<RunningStack> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      for (const cleanup of cleanups) await cleanup();
    },
  };
}

/** A client of node-redis without modules, functions and scripts. */
export type Redis = RedisClientType<Nothing, Nothing, Nothing>;

interface Nothing extends Record<never, unknown> {}

/** A connected client, as its README sets one up, but for this: when the Redis of a run is gone, so is the run. */
export async function connectRedis(url: string): Promise<Redis> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on('error', (error: Error) => {
    console.error(`redis: ${error.message}`);
  });
  await client.connect();
  return client;
}
