/** All connections of HTTP/2 of a server: counted by client, looked at in turn, and ended with it. */
import type { Server } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { type AddressBook, type KnownAddress } from '../../../controls/firewall/address.ts';
import { ConnectionTable } from '../../../controls/firewall/connections.ts';
import type { TimeoutSettings } from '../../../controls/firewall/timeouts.options.ts';
import { RateTable } from '../../../controls/rate-limit/rate-table.ts';
import type { Rate } from '../../../core/rate.ts';
import { peerOf } from '../../../node/peer.ts';
import { type ConnectionHost, Http2Connection } from './connection.ts';
import type { StreamSocket } from './stream-socket.ts';

/** Streams that one client may have open at once, as a multiple of its connections: an office of 40 behind one address fits. */
const STREAMS_PER_CONNECTION = 4;
/** Streams that a client may end early, over all its connections: nghttp2 counts those of one, and a client may come again. */
const RESETS: Rate = { count: 1000, windowMs: 60_000 };
/** How long a client that flooded us is spoken HTTP/1.1 with: whoever shares its address is served meanwhile. */
const CALM: Rate = { count: 1, windowMs: 60_000 };
/** Clients that are remembered at a time, at 18 bytes each. */
const CLIENTS = 16_384;

/** What the connections of a server stand on. */
export interface Http2Parts {
  readonly server: Server;
  readonly timeouts: TimeoutSettings;
  readonly book: AddressBook;
  /** Tells the log of a client that only cost. */
  readonly tell: (reason: string, client: string) => void;
  /** Takes a stream as the connection of HTTP/1.1 that it looks like. */
  readonly serve: (stream: StreamSocket) => void;
}

/** Every connection of HTTP/2 that one server has. */
export class Http2Connections {
  readonly #parts: Http2Parts;
  readonly #open = new Set<Http2Connection>();
  readonly #streams: ConnectionTable;
  readonly #resets = new RateTable(RESETS, CLIENTS);
  readonly #calm = new RateTable(CALM, CLIENTS);
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(parts: Http2Parts) {
    this.#parts = parts;
    const { connectionsPerClient, maxConnections } = parts.timeouts;
    this.#streams = new ConnectionTable(
      connectionsPerClient * STREAMS_PER_CONNECTION,
      maxConnections * STREAMS_PER_CONNECTION,
    );
  }

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  /** Whether the other end may speak HTTP/2 at all: not for a minute after it has flooded us. */
  welcomes(socket: TLSSocket): boolean {
    const { client, trusted } = this.#peer(socket);
    return trusted || this.#calm.debt(client.key, Date.now()) === 0;
  }

  /** Takes a connection whose client has chosen HTTP/2. */
  take(socket: TLSSocket): void {
    const { timeouts } = this.#parts;
    const connection = new Http2Connection(socket, this.#hostOf(this.#peer(socket)), performance.now());
    this.#timer ??= setInterval(() => this.#look(), timeouts.checkEvery).unref();
    this.#open.add(connection);
    socket.on('close', () => this.#open.delete(connection));
  }

  /** Tells every client to go once its requests are answered. */
  end(): void {
    for (const connection of this.#open) connection.end();
  }

  /** Cuts all of them. */
  destroy(): void {
    for (const connection of this.#open) connection.destroy();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = performance.now();
    for (const connection of this.#open) connection.look(now, this.#parts.timeouts.keepAlive);
  }

  #peer(socket: TLSSocket): KnownAddress {
    return this.#parts.book.peer(peerOf(socket));
  }

  #hostOf({ client, trusted }: KnownAddress): ConnectionHost {
    const { serve, tell } = this.#parts;
    this.#count += 1;
    // A trusted proxy stands for all its clients, as it does where connections are counted.
    const key = trusted ? `${this.#count}/${client.key}` : client.key;
    return {
      serve,
      open: () => this.#streams.open(key),
      close: () => this.#streams.close(key),
      mayReset: () => this.#resets.take(key, Date.now()).allowed,
      flooded: (reason) => {
        this.#calm.take(key, Date.now());
        tell(reason, client.address);
      },
    };
  }
}
