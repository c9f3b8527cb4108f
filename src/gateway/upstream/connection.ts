/** One connection to the upstream, and the one request that is on it. */
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { UpstreamAddress } from '../options/upstream-address.ts';
import type { UpstreamTimes } from '../options/upstream.options.ts';
import type { AnswerHead } from './answer-head.ts';
import { AnswerReader, type AnswerSink } from './answer-reader.ts';
import { writeThisTurn } from '../turn.ts';
import { UpstreamFault } from './fault.ts';
import type { Visitor } from './visitor.ts';

/** A request, ready to be written. */
export interface UpstreamRequest {
  readonly method: string;
  /** Request line and field lines, the empty line included. */
  readonly head: string;
  /** Whole, and of the length that the head declares. */
  readonly body: Buffer | Readable | undefined;
  /** Whether the head asks for another protocol. */
  readonly mayUpgrade: boolean;
  /**
   * Who asks, where a kept connection may carry the request and be kept behind its answer: its head says so, it changes nothing,
   * and has no body. Without, it has a connection of its own.
   */
  readonly visitor?: Visitor | undefined;
}

/** Hears how a request fares: the answer, or why there is none or not the whole of one. Nothing comes after `failed`. */
export interface RequestSink extends Omit<AnswerSink, 'upgraded'> {
  /** 101: the connection is the sink's now. `rest` are the bytes that came with the head. */
  upgraded(head: AnswerHead, rest: Buffer, socket: Socket): void;
  failed(fault: UpstreamFault): void;
}

/**
 * Where every connection reads into. Node.js would make 64 KB for each piece that comes and give most of it back, which costs more
 * than all that is done with an answer. A piece is copied out before anything else happens: the next one, of whichever connection,
 * comes into the same place.
 */
const ROOM = Buffer.allocUnsafeSlow(65_536);

/**
 * A connection carries one request at a time, and is made for one: an idle connection that never carried a request holds up
 * a server of one worker, which waits for its bytes.
 */
export class Connection implements AnswerSink {
  readonly socket: Socket;
  readonly #times: UpstreamTimes;
  /** Told once, when the connection is of no more use. */
  readonly #onGone: (connection: Connection) => void;
  #sink: RequestSink | undefined;
  #reader: AnswerReader | undefined;
  #body: Readable | undefined;
  #isHeadSent = true;
  #isBodySent = true;
  #isConnected = false;
  #isPaused = false;
  #patience = 0;
  /** By the clock of `performance.now`. One clock looks at all connections: a timer of its own costs each request three. */
  #deadline = Number.POSITIVE_INFINITY;
  #error: Error | undefined;
  #uses = 0;

  /** @param mayUpgrade - whether the socket may go to those who speak another protocol on it, and listen for its data */
  constructor(
    address: UpstreamAddress,
    times: UpstreamTimes,
    mayUpgrade: boolean,
    onGone: (connection: Connection) => void,
  ) {
    this.#times = times;
    this.#onGone = onGone;
    const onread = { buffer: ROOM, callback: (length: number) => this.#take(length) };
    this.socket = connect({ ...address, noDelay: true, ...(!mayUpgrade && { onread }) });
    this.waitFor(times.connect);
    this.socket.on('connect', () => {
      this.#isConnected = true;
      this.waitFor(times.firstByte);
    });
    if (mayUpgrade) this.socket.on('data', (bytes: Buffer) => this.#read(bytes));
    this.socket.on('end', () => this.#finish());
    this.socket.on('error', (error) => {
      this.#error = error;
    });
    this.socket.on('close', () => this.#close());
  }

  /** How many requests it was given. */
  get uses(): number {
    return this.#uses;
  }

  /** Whether any byte of the present answer came. */
  get hasAnswer(): boolean {
    return this.#reader?.hasBegun === true;
  }

  /** Whether it waits for something that should have come by now. */
  isLate(now: number): boolean {
    return now >= this.#deadline;
  }

  /** Says how long the next piece, or the next request, may take to come. */
  waitFor(ms: number): void {
    this.#patience = ms;
    this.#deadline = performance.now() + ms;
  }

  /** Gives up on what did not come in time. A client that takes nothing for now is slow itself: that is never late. */
  lapse(): void {
    if (this.#sink === undefined) {
      this.destroy();
      return;
    }
    this.#fail(
      this.#isConnected
        ? new UpstreamFault(
            'late',
            this.#reader?.hasHead === true ? 'the answer stopped within its body' : 'no answer in time',
          )
        : new UpstreamFault('connect', 'no connection in time'),
    );
  }

  /** Sends a request. The connection is free again when its sink hears of the end of a reusable answer. */
  send(request: UpstreamRequest, sink: RequestSink): void {
    this.#uses += 1;
    this.#sink = sink;
    this.#reader = new AnswerReader(request.method, request.mayUpgrade, this);
    const { socket } = this;
    if (this.#isConnected) this.waitFor(this.#times.firstByte);
    const { body } = request;
    this.#isBodySent = !(body !== undefined && !Buffer.isBuffer(body));
    if (Buffer.isBuffer(body)) {
      socket.cork();
      socket.write(request.head, 'latin1');
      socket.write(body);
      socket.uncork();
    } else {
      if (body === undefined) this.#sendHead(request.head);
      else {
        socket.write(request.head, 'latin1');
        this.#sendStream(body);
      }
    }
  }

  /** Stops reading, while the client does not take more. The upstream is not late meanwhile. */
  pause(): void {
    this.#isPaused = true;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.socket.pause();
  }

  /** Reads on. */
  resume(): void {
    this.#isPaused = false;
    this.waitFor(this.#patience);
    this.socket.resume();
  }

  /** Ends the connection at once. Whoever waits for an answer is not told: they asked for it. */
  destroy(): void {
    this.#sink = undefined;
    this.#body?.destroy();
    this.socket.destroy();
  }

  information(head: AnswerHead): void {
    this.#sink?.information(head);
  }

  head(head: AnswerHead): void {
    this.waitFor(this.#times.idle);
    this.#sink?.head(head);
  }

  data(bytes: Buffer, isLast: boolean): void {
    this.#sink?.data(bytes, isLast);
  }

  trailers(rawTrailers: readonly string[]): void {
    this.#sink?.trailers(rawTrailers);
  }

  upgraded(head: AnswerHead, rest: Buffer): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#release();
    if (sink === undefined) this.socket.destroy();
    else sink.upgraded(head, rest, this.socket);
  }

  end(isReusable: boolean): void {
    const sink = this.#sink;
    // An answer before the request was whole: what is left of it would be read as the next one.
    const stays = isReusable && this.#isBodySent && this.socket.writableLength === 0;
    this.#sink = undefined;
    this.#reader = undefined;
    if (this.#isPaused) this.resume();
    if (!stays) this.destroy();
    sink?.end(stays);
  }

  /** Lets the socket go to those who speak another protocol on it. */
  #release(): void {
    const { socket } = this;
    for (const event of ['data', 'end', 'error', 'close', 'drain']) socket.removeAllListeners(event);
    socket.pause();
    this.#onGone(this);
  }

  #sendHead(head: string): void {
    this.#isHeadSent = false;
    writeThisTurn(() => {
      this.#isHeadSent = true;
      if (!this.socket.destroyed) this.socket.write(head, 'latin1');
    });
  }

  #sendStream(body: Readable): void {
    const { socket } = this;
    this.#body = body;
    const onDrain = (): void => {
      this.waitFor(this.#times.firstByte);
      body.resume();
    };
    socket.on('drain', onDrain);
    body.on('data', (bytes: Buffer) => {
      if (!socket.write(bytes)) body.pause();
    });
    body.on('end', () => {
      this.#isBodySent = true;
      socket.off('drain', onDrain);
    });
    body.on('error', (error) =>
      this.#fail(new UpstreamFault('left', 'the request body could not be read', { cause: error })),
    );
  }

  /** Answers whether the socket reads on. */
  #take(length: number): boolean {
    const bytes = Buffer.allocUnsafe(length);
    ROOM.copy(bytes, 0, 0, length);
    this.#read(bytes);
    return !this.#isPaused;
  }

  #read(bytes: Buffer): void {
    // An idle connection has nothing to say: what comes would be taken for the answer to the next request.
    if (this.#reader === undefined) {
      this.destroy();
      return;
    }
    // Nor is it an answer to a request that has not left yet.
    if (!this.#isHeadSent) {
      this.#fail(new UpstreamFault('cut', 'bytes came before the request was sent'));
      return;
    }
    this.waitFor(this.#patience);
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  #finish(): void {
    try {
      this.#reader?.finish();
    } catch (error) {
      // After a write that failed the answer may still be on its way; the end says that it is not.
      this.#fail(error);
    }
    this.socket.destroy();
  }

  #close(): void {
    const { cause, kind } = {
      cause: this.#error,
      kind: this.#isConnected ? ('cut' as const) : ('connect' as const),
    };
    if (this.#sink !== undefined) {
      const message = kind === 'connect' ? 'the connection was not taken' : 'the connection broke';
      this.#fail(new UpstreamFault(kind, message, { cause }));
    }
    this.#onGone(this);
  }

  #fail(error: unknown): void {
    const sink = this.#sink;
    this.destroy();
    sink?.failed(
      error instanceof UpstreamFault
        ? error
        : new UpstreamFault('malformed', 'the answer could not be read', { cause: error }),
    );
  }
}
