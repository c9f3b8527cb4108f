/** Counts round trips between an application and its Redis: a proxy that notes each change of direction. */
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A proxy in front of a Redis. */
export interface TripCounter {
  readonly url: string;
  /** Round trips so far, over all connections: bytes to Redis that come after bytes from it, or first. */
  readonly trips: number;
  close(): Promise<void>;
}

/** Starts a proxy. Trips tell the truth where one request is served at a time. */
export async function countTrips(redisPort: number): Promise<TripCounter> {
  let trips = 0;
  let direction: 'to' | 'from' = 'from';
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(redisPort, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk) => {
      if (direction === 'from') trips += 1;
      direction = 'to';
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      direction = 'from';
      near.write(chunk);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get trips() {
      return trips;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
