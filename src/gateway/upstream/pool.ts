/** The connections to one upstream. */
import type { Socket } from 'node:net';
import type { UpstreamAddress } from '../options/upstream-address.ts';
import type { UpstreamTimes } from '../options/upstream.options.ts';
import type { AnswerHead } from './answer-head.ts';
import { Connection, type RequestSink, type UpstreamRequest } from './connection.ts';
import { type FaultKind, UpstreamFault } from './fault.ts';
import { KeptConnections } from './kept-connections.ts';
import { statedLife } from './stated-life.ts';
import type { Visitor } from './visitor.ts';

/** How an upstream is met. Times are milliseconds. */
export interface UpstreamOptions {
  readonly address: UpstreamAddress;
  readonly times: UpstreamTimes;
  /** Connections at once. A request beyond them waits. */
  readonly connections: number;
  /** Requests that wait at once. One beyond them fails at once. */
  readonly waiting: number;
  /** How long a request waits for a connection. */
  readonly wait: number;
  /**
   * How long a connection stays open unused: below the upstream's own time, or a request now and then meets a connection
   * that is being closed. `stated`: a little less than the upstream says in its answers. 0: each request has a connection of
   * its own.
   */
  readonly keepAlive: number | 'stated';
  /** Told of each answer that began. */
  readonly onAnswer?: () => void;
  /** Told of each request that failed. */
  readonly onFault?: (kind: FaultKind) => void;
}

/** A request under way. */
export interface UpstreamCall {
  /** Stops reading the answer, while the client does not take more. */
  pause(): void;
  resume(): void;
  /** The client left: ends the connection, and nothing takes its place. The sink hears no more. */
  abort(): void;
}

/** Unused connections at most: each may hold a worker of the upstream (Apache), and costs both sides some memory. */
const MOST_IDLE = 64;
/** An upstream that did not say how long it keeps connections is asked again so much later: it may be another by then. */
const ASK_AGAIN_MS = 60_000;

/** Sends requests to one upstream, each on a connection that no other uses meanwhile. */
export class UpstreamPool {
  readonly #options: UpstreamOptions;
  /** Unused connections. */
  readonly #idle = new KeptConnections();
  readonly #open = new Set<Connection>();
  readonly #waiting = new Set<Call>();
  #load = 0;
  #isClosed = false;
  /** When the upstream last said how long it keeps a connection, and until when it is taken to say nothing. */
  #statedAt = Number.NEGATIVE_INFINITY;
  #silentUntil = 0;
  /** Looks at all connections while there are any. */
  #clock: NodeJS.Timeout | undefined;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** Connections that carry a request. */
  get busy(): number {
    return this.#open.size - this.#idle.size;
  }

  /** Whether a request may ask for its connection to be kept. */
  get keeps(): boolean {
    const { keepAlive } = this.#options;
    return keepAlive === 'stated' ? performance.now() >= this.#silentUntil : keepAlive > 0;
  }

  /** Requests that are here: under way, or waiting for a connection. */
  get load(): number {
    return this.#load;
  }

  /** How long the connection of this answer may be kept behind it: milliseconds, 0 for not at all. */
  lifeAfter(head: AnswerHead): number {
    const { keepAlive } = this.#options;
    if (keepAlive !== 'stated') return keepAlive;
    const life = statedLife(head.keepAlive);
    const now = performance.now();
    // One answer that does not say so, which a visitor may know how to cause, does not end it for all.
    if (life > 0) this.#statedAt = now;
    else if (now - this.#statedAt > ASK_AGAIN_MS) this.#silentUntil = now + ASK_AGAIN_MS;
    return life;
  }

  /** A call is over, however it ended. */
  over(): void {
    this.#load -= 1;
  }

  /** A call has an answer. */
  answered(): void {
    this.#options.onAnswer?.();
  }

  /** A call has failed for good. */
  failed(kind: FaultKind): void {
    this.#options.onFault?.(kind);
  }

  /** Sends a request. The sink hears of its answer, or of its failure, and never within this call. */
  send(request: UpstreamRequest, sink: RequestSink): UpstreamCall {
    this.#load += 1;
    const call = new Call(request, sink, this);
    this.#start(call);
    return call;
  }

  /** Ends what is unused, and what is used as soon as its answer is whole. */
  close(): void {
    this.#isClosed = true;
    for (let kept = this.#idle.takeOldest(); kept !== undefined; kept = this.#idle.takeOldest())
      kept.destroy();
  }

  /** Gives a call a connection, or lets it wait for one. */
  #start(call: Call): void {
    if (call.isOver) return;
    const connection = this.#unused(call.visitor) ?? this.#connect(call);
    if (connection !== undefined) {
      call.run(connection);
      return;
    }
    if (this.#waiting.size >= this.#options.waiting) {
      const fault = new UpstreamFault('busy', 'every connection is in use, and too many requests wait');
      process.nextTick(() => call.fail(fault));
      return;
    }
    this.#waiting.add(call);
    call.waitAtMost(this.#options.wait, () => this.#waiting.delete(call));
  }

  /** Runs a call once more, on a connection that no request was on before. */
  again(call: Call): void {
    const connection = this.#connect(call);
    if (connection === undefined) this.#start(call);
    else call.run(connection);
  }

  /** A connection is free, for so many milliseconds, and for who was answered on it. */
  free(connection: Connection, visitor: Visitor, life: number): void {
    if (this.#isClosed) {
      connection.destroy();
      return;
    }
    connection.waitFor(life);
    this.#idle.add(connection, visitor);
    if (this.#idle.size > MOST_IDLE) this.#dropOldest();
    this.#serveNext();
  }

  forget(call: Call): void {
    this.#waiting.delete(call);
  }

  /** A connection that was kept for this visitor, and is not about to be closed by its other end. */
  #unused(visitor: Visitor | undefined): Connection | undefined {
    if (visitor === undefined) return undefined;
    for (let kept = this.#idle.take(visitor); kept !== undefined; kept = this.#idle.take(visitor)) {
      if (!kept.isLate(performance.now())) return kept;
      kept.destroy();
    }
    return undefined;
  }

  /** Gives up what is unused the longest. */
  #dropOldest(): void {
    const oldest = this.#idle.takeOldest();
    if (oldest === undefined) return;
    this.#open.delete(oldest);
    oldest.destroy();
  }

  #connect({ mayUpgrade }: Call): Connection | undefined {
    // One that is kept for somebody makes room for who asks now.
    if (this.#open.size >= this.#options.connections) this.#dropOldest();
    if (this.#open.size >= this.#options.connections) return undefined;
    this.#clock ??= setInterval(() => this.#look(), this.#interval).unref();
    const { address, times } = this.#options;
    const connection = new Connection(address, times, mayUpgrade, (gone) => this.#drop(gone));
    this.#open.add(connection);
    return connection;
  }

  #drop(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    if (this.#open.size === 0) {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
    this.#idle.drop(connection);
    this.#serveNext();
  }

  #look(): void {
    const now = performance.now();
    for (const connection of this.#open) if (connection.isLate(now)) connection.lapse();
    // Nobody else may have them.
    for (const [connection, visitor] of this.#idle.entries())
      if (visitor.line.destroyed) connection.destroy();
  }

  /** Often enough that nothing is late by much more than it may be. */
  get #interval(): number {
    const { times, keepAlive } = this.#options;
    const unused = keepAlive === 'stated' || keepAlive === 0 ? times.idle : keepAlive;
    const shortest = Math.min(times.connect, times.firstByte, times.idle, unused);
    return Math.min(500, Math.max(5, shortest / 8));
  }

  #serveNext(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    const connection = this.#unused(next.visitor) ?? this.#connect(next);
    if (connection === undefined) return;
    this.#waiting.delete(next);
    next.run(connection);
  }
}

/** Methods that change nothing (RFC 9110 9.2.1), so that asking twice is asking once. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** One request, over the one or two connections that it takes. */
class Call implements UpstreamCall, RequestSink {
  readonly #request: UpstreamRequest;
  readonly #pool: UpstreamPool;
  #sink: RequestSink | undefined;
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wasRetried = false;
  #isPaused = false;
  /** How long the upstream keeps the connection of its answer. */
  #life = 0;

  constructor(request: UpstreamRequest, sink: RequestSink, pool: UpstreamPool) {
    this.#request = request;
    this.#sink = sink;
    this.#pool = pool;
  }

  /** Whether nobody waits for it any more. */
  get isOver(): boolean {
    return this.#sink === undefined;
  }

  get visitor(): Visitor | undefined {
    return this.#request.visitor;
  }

  get mayUpgrade(): boolean {
    return this.#request.mayUpgrade;
  }

  waitAtMost(ms: number, onLate: () => void): void {
    this.#timer = setTimeout(() => {
      onLate();
      this.fail(new UpstreamFault('busy', 'every connection is in use, and none came free in time'));
    }, ms);
  }

  run(connection: Connection): void {
    clearTimeout(this.#timer);
    this.#connection = connection;
    connection.send(this.#request, this);
    if (this.#isPaused) connection.pause();
  }

  pause(): void {
    this.#isPaused = true;
    this.#connection?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#connection?.resume();
  }

  abort(): void {
    this.#takeSink();
    clearTimeout(this.#timer);
    this.#pool.forget(this);
    this.#connection?.destroy();
    this.#dropBody();
  }

  information(head: AnswerHead): void {
    this.#sink?.information(head);
  }

  head(head: AnswerHead): void {
    this.#pool.answered();
    if (this.visitor !== undefined) this.#life = this.#pool.lifeAfter(head);
    this.#sink?.head(head);
  }

  data(bytes: Buffer, isLast: boolean): void {
    this.#sink?.data(bytes, isLast);
  }

  trailers(rawTrailers: readonly string[]): void {
    this.#sink?.trailers(rawTrailers);
  }

  upgraded(head: AnswerHead, rest: Buffer, socket: Socket): void {
    const sink = this.#takeSink();
    if (sink === undefined) socket.destroy();
    else sink.upgraded(head, rest, socket);
  }

  end(reusable: boolean): void {
    const sink = this.#takeSink();
    const connection = this.#connection;
    this.#connection = undefined;
    const { visitor } = this;
    const life = this.#life;
    if (reusable && connection !== undefined) {
      if (visitor !== undefined && life > 0) this.#pool.free(connection, visitor, life);
      else connection.destroy();
    }
    sink?.end(reusable);
  }

  failed(fault: UpstreamFault): void {
    if (this.#mayRetry(fault)) {
      this.#wasRetried = true;
      this.#connection = undefined;
      this.#pool.again(this);
    } else this.fail(fault);
  }

  fail(fault: UpstreamFault): void {
    const sink = this.#takeSink();
    this.#dropBody();
    this.#pool.failed(fault.kind);
    sink?.failed(fault);
  }

  /** Who waits for it, for the last time. */
  #takeSink(): RequestSink | undefined {
    const sink = this.#sink;
    this.#sink = undefined;
    if (sink !== undefined) this.#pool.over();
    return sink;
  }

  /** A body in a file that nobody will read: left open, it would take room on the disk until the process ends. */
  #dropBody(): void {
    const { body } = this.#request;
    if (body !== undefined && !Buffer.isBuffer(body)) body.destroy();
  }

  /**
   * Once, and only where the upstream cannot have acted on it: nothing of it was sent, or it changes nothing and met a kept
   * connection as that was being closed, which some servers do without a word.
   */
  #mayRetry({ kind }: UpstreamFault): boolean {
    if (this.isOver || this.#wasRetried || this.#connection === undefined) return false;
    const { body, method } = this.#request;
    const isWhole = body === undefined || Buffer.isBuffer(body);
    if (kind === 'connect') return isWhole;
    const { hasAnswer, uses } = this.#connection;
    return kind === 'cut' && !hasAnswer && uses > 1 && SAFE.has(method) && body === undefined;
  }
}
