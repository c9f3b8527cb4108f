/** Counts round trips between an application and a store: a proxy that sees when the talk changes direction. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy in front of a port on this machine. */
export class TripCounter {
  /** Requests sent after an answer, since {@link reset}. What is sent together is one. */
  trips = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on a port of its own. */
  static async before(port: number): Promise<TripCounter> {
    const server = createServer({ noDelay: true });
    const counter = new TripCounter(server);
    server.on('connection', (client) =>
      counter.#join(client, connect({ port, host: '127.0.0.1', noDelay: true })),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return counter;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Counts from zero, and returns how many there were. */
  reset(): number {
    const { trips } = this;
    this.trips = 0;
    return trips;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    let answered = true;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (answered) this.trips += 1;
      answered = false;
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      answered = true;
      client.write(chunk);
    });
  }
}
