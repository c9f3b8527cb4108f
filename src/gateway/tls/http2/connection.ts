/** One connection of HTTP/2: its streams, and what its client may spend of ours beside them. */
import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { requestHead } from './request-head.ts';
import { StreamSocket } from './stream-socket.ts';

/** Streams at a time, as nginx has it: a page that loads asks for as many. */
const STREAMS = 128;
/** What a client may send ahead of our reading it, on one stream and on all of a connection together. */
const WINDOW_BYTES = 262_144;
/** A head of over 16 KB is answered with a 431 of the policy; one of over this ends its stream unread. */
const HEAD_BYTES = 65_536;
/** Fields of a head; browsers send each cookie in one of its own. The layer counts what is left once these are joined. */
const HEAD_FIELDS = 256;
/** PING and SETTINGS between two looks. A client that measures its line sends one a second. */
const CONTROL_FRAMES = 100;
/** Bytes beside requests that a client may send for nothing, and as many again for what it asks for and gets. */
const IDLE_BYTES = 262_144;
const BYTES_PER_BYTE_RECEIVED = 8;
/** Windows are opened by 13 bytes for each frame, which are 16 KB as a rule and a good deal less for slow answers. */
const BYTES_SENT_PER_BYTE = 64;
/** How long a client has to take the end of its connection. */
const LINGER_MS = 1000;

/** What Node.js and nghttp2 hold a connection to. */
export const HTTP2_OPTIONS: ServerOptions = {
  maxHeaderListPairs: HEAD_FIELDS,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  // Resets in a row, and a second (CVE-2023-44487). A page that is left while it loads costs one for each of its parts.
  streamResetBurst: 500,
  streamResetRate: 33,
  // Whatever an application sends twice, a client of HTTP/1.1 gets twice.
  strictSingleValueFields: false,
  settings: {
    enableConnectProtocol: true,
    initialWindowSize: WINDOW_BYTES,
    maxConcurrentStreams: STREAMS,
    maxHeaderListSize: HEAD_BYTES,
  },
};

/** What a connection tells of, and whom it asks. */
export interface ConnectionHost {
  /** A stream, in the place of a connection of HTTP/1.1. */
  serve(stream: StreamSocket): void;
  /** Whether this client may have one more stream. */
  open(): boolean;
  close(): void;
  /** A client ended a stream before its answer was whole. False: it does that too often. */
  mayReset(): boolean;
  /** The connection is at its end, since its client only costs. */
  flooded(reason: string): void;
}

/** A connection of HTTP/2. */
export class Http2Connection {
  readonly #session: ServerHttp2Session;
  readonly #socket: TLSSocket;
  readonly #host: ConnectionHost;
  readonly #open = new Set<StreamSocket>();
  /** PING and SETTINGS since the last look. */
  #controls = 0;
  /** Bytes of streams that are over. */
  #received = 0;
  #sent = 0;
  /** When its last stream ended; when it was told to end. */
  #idleSince: number;
  #endsSince = Number.POSITIVE_INFINITY;

  constructor(socket: TLSSocket, host: ConnectionHost, now: number) {
    this.#socket = socket;
    this.#host = host;
    this.#idleSince = now;
    const session = performServerHandshake(socket, HTTP2_OPTIONS);
    this.#session = session;
    session.setLocalWindowSize(WINDOW_BYTES);
    session.on('stream', (stream, _headers, flags, rawHeaders) => this.#take(stream, flags, rawHeaders));
    const count = (): void => {
      this.#controls += 1;
      if (this.#controls > CONTROL_FRAMES) this.#calm('control frames');
    };
    session.on('ping', count);
    session.on('remoteSettings', count);
    session.on('error', (error: NodeJS.ErrnoException) => {
      // nghttp2 gave it up by its own count of what a client may do.
      if (isFlood(error)) host.flooded('frames that ask for nothing');
    });
  }

  /**
   * Looks at what the client did since the last look: one that only costs is ended, and one that asks for nothing is let go.
   *
   * @param now - milliseconds of a clock that never goes back
   * @param idleMs - how long a connection without a request is kept
   */
  look(now: number, idleMs: number): void {
    this.#controls = 0;
    let received = this.#received;
    let sent = this.#sent;
    for (const { bytesReceived, bytesWritten } of this.#open) {
      received += bytesReceived;
      sent += bytesWritten;
    }
    const worth = received * BYTES_PER_BYTE_RECEIVED + sent / BYTES_SENT_PER_BYTE;
    if (this.#socket.bytesRead > IDLE_BYTES + worth) this.#calm('bytes beside its requests');
    else if (this.#open.size > 0) return;
    else if (now - this.#idleSince >= idleMs) this.end();
    // It has nothing to wait for any more, and its client does not take the end.
    if (now - this.#endsSince >= LINGER_MS) this.destroy();
  }

  /**
   * Takes no more requests, and ends once those under way are answered. Its client is told which was the last that was looked at:
   * one that was on its way meanwhile is sent again elsewhere (RFC 9113 6.8). nghttp2 could still take those, and Node.js has no
   * call for it.
   */
  end(): void {
    if (this.#endsSince !== Number.POSITIVE_INFINITY) return;
    this.#endsSince = performance.now();
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
    this.#socket.destroy();
  }

  #take(stream: ServerHttp2Stream, flags: number, rawHeaders: readonly string[]): void {
    const endsHere = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    const head = requestHead(rawHeaders, endsHere);
    if (head === undefined || !this.#host.open()) {
      stream.on('error', ignore);
      // What was not looked at may be sent again (RFC 9113 8.7).
      stream.close(head === undefined ? constants.NGHTTP2_PROTOCOL_ERROR : constants.NGHTTP2_REFUSED_STREAM);
      if (!this.#host.mayReset()) this.#calm('requests that are none');
      return;
    }
    const socket = new StreamSocket(stream, head, this.#socket);
    this.#open.add(socket);
    stream.on('aborted', () => {
      if (!this.#host.mayReset()) this.#calm('requests that are called off');
    });
    socket.on('close', () => {
      this.#host.close();
      this.#open.delete(socket);
      this.#received += socket.bytesReceived;
      this.#sent += socket.bytesWritten;
      this.#idleSince = performance.now();
    });
    this.#host.serve(socket);
  }

  #calm(reason: string): void {
    if (this.#session.destroyed) return;
    this.#session.destroy(new Error(reason), constants.NGHTTP2_ENHANCE_YOUR_CALM);
    this.#endsSince = performance.now();
    this.#host.flooded(reason);
  }
}

/** Codes of errors by which Node.js and nghttp2 give a connection up that only costs. */
const FLOODS: ReadonlySet<string> = new Set([
  'ERR_HTTP2_TOO_MANY_INVALID_FRAMES',
  'ERR_HTTP2_TOO_MANY_REJECTED_STREAMS',
  'ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS',
  'ERR_HTTP2_ERROR',
]);

function isFlood({ code = '' }: NodeJS.ErrnoException): boolean {
  return FLOODS.has(code);
}

function ignore(): void {
  // It was ended here, and its client is told.
}
