/** The server that ends TLS: HTTP/1.1 and HTTP/2 on one port, whose certificate and ticket keys change under its connections. */
import { constants } from 'node:crypto';
import type { Server } from 'node:http';
import type { Server as HttpsServer, ServerOptions } from 'node:https';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { AddressBook } from '../../controls/firewall/address.ts';
import type { TimeoutSettings } from '../../controls/firewall/timeouts.options.ts';
import { nameOverTls } from '../../node/proxied-connections.ts';
import { TLS_DEFAULTS } from '../../node/tls-defaults.ts';
import type { KeyPair } from './certificate.ts';
import { Http2Connections } from './http2/connections.ts';
import { StreamSocket } from './http2/stream-socket.ts';

/** By which an ACME server asks whether a name is ours (RFC 8737). */
const ACME_PROTOCOL = 'acme-tls/1';

/** Everywhere the same, so that a ticket of one process opens in the next. */
const SESSION_CONTEXT = 'bulwark';

/** Long enough for the next visit of a day's work; a ticket holds the keys of its session, and ends with its key anyway. */
const TICKET_SECONDS = 7200;

/** The hello of a connection, as its client says it. */
interface Hello {
  readonly servername: string;
  readonly protocols: string[];
}

/** What a server of TLS stands on. */
export interface TlsServerParts {
  /** Makes a server under the layer, which judges all that it receives. */
  readonly make: (options: ServerOptions) => Server;
  readonly timeouts: TimeoutSettings;
  readonly book: AddressBook;
  /** Tells the log of a client that only cost. */
  readonly tellFlood: (reason: string, client: string) => void;
  /** The certificate that answers an ACME server which asks for a name, while one does. */
  readonly challengeFor: (name: string) => KeyPair | undefined;
}

/** A server that has no certificate until it is given one: until then it refuses every handshake. */
export class TlsServer {
  readonly server: Server;
  readonly #https: HttpsServer;
  readonly #http2: Http2Connections;
  readonly #challengeFor: TlsServerParts['challengeFor'];
  #pair: KeyPair | undefined;
  #ticketKeys: Buffer | undefined;

  constructor({ make, timeouts, book, tellFlood, challengeFor }: TlsServerParts) {
    const choose = (socket: TLSSocket, hello: Hello): string | undefined => this.#choose(socket, hello);
    this.server = make({
      ALPNCallback(this: TLSSocket, hello: Hello) {
        return choose(this, hello);
      },
    });
    this.#https = this.server as HttpsServer;
    this.#challengeFor = challengeFor;
    this.#http2 = new Http2Connections({
      server: this.server,
      timeouts,
      book,
      tell: tellFlood,
      serve: (stream) => void this.server.emit('secureConnection', stream),
    });
    this.#splitProtocols();
    this.#endTogether();
  }

  /**
   * Takes another certificate. Connections that are open live on, and tickets that are out open the next ones.
   *
   * @throws Error of OpenSSL where key and certificate are none, or no pair: the one before stays
   */
  use(pair: KeyPair): void {
    const ticketKeys = this.#ticketKeys ?? this.#https.getTicketKeys();
    this.#https.setSecureContext(contextOptions(pair, ticketKeys));
    this.#pair = pair;
    this.#ticketKeys = ticketKeys;
  }

  /** Has clients on HTTP/2 go once their requests are answered. */
  sendAway(): void {
    this.#http2.end();
  }

  /** Takes another key for tickets. Those that are out open nothing any more, and their clients shake hands anew. */
  useTicketKeys(keys: Buffer): void {
    this.#ticketKeys = keys;
    if (this.#pair !== undefined) this.#https.setTicketKeys(keys);
  }

  /**
   * The protocol of a connection, before its certificate is chosen: a question of an ACME server is answered with the
   * certificate for that, whoever else comes meanwhile gets the ordinary one.
   */
  #choose(socket: TLSSocket, { servername, protocols }: Hello): string | undefined {
    nameOverTls(socket);
    if (protocols.includes(ACME_PROTOCOL)) {
      const pair = this.#challengeFor(servername.toLowerCase());
      if (pair === undefined) return undefined;
      socket.setKeyCert(challengeContext(pair));
      return ACME_PROTOCOL;
    }
    if (protocols.includes('h2') && this.#http2.welcomes(socket)) return 'h2';
    return protocols.includes('http/1.1') ? 'http/1.1' : undefined;
  }

  /** Node's own listener has what speaks HTTP/1.1, streams of HTTP/2 among it. */
  #splitProtocols(): void {
    const { server } = this;
    const [serveHttp1, ...others] = server.listeners('secureConnection') as ((socket: unknown) => void)[];
    server.removeAllListeners('secureConnection');
    server.on('secureConnection', (socket: TLSSocket | StreamSocket) => {
      if (socket instanceof StreamSocket) serveHttp1?.call(server, socket);
      else if (socket.alpnProtocol === 'h2') this.#http2.take(socket);
      // The handshake was the answer (RFC 8737 3).
      else if (socket.alpnProtocol === ACME_PROTOCOL) socket.destroy();
      else serveHttp1?.call(server, socket);
    });
    for (const other of others) server.on('secureConnection', other);
  }

  /** A server that is closed, or whose connections are, means those of HTTP/2 as well. */
  #endTogether(): void {
    const { server } = this;
    const close = server.close.bind(server);
    const closeAll = server.closeAllConnections.bind(server);
    server.close = (done) => {
      this.#http2.end();
      return close(done);
    };
    server.closeAllConnections = () => {
      closeAll();
      this.#http2.destroy();
    };
  }
}

function contextOptions({ key, cert }: KeyPair, ticketKeys: Buffer): ServerOptions {
  return {
    ...TLS_DEFAULTS,
    key,
    cert,
    ticketKeys,
    sessionIdContext: SESSION_CONTEXT,
    sessionTimeout: TICKET_SECONDS,
    // A client could ask for new keys again and again, each at the price of a handshake.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

function challengeContext({ key, cert }: KeyPair): SecureContext {
  return createSecureContext({ ...TLS_DEFAULTS, key, cert });
}
