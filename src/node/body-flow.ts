/**
 * What comes in of a body, before the stream of its request has it: counted, and turned aside where the layer takes it.
 * One place for both: a count that stood above would not see what was turned aside below it.
 */
import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { BulwarkError } from '../core/errors.ts';
import { readRest } from './request-body.ts';

const FLOW: unique symbol = Symbol('bulwark.flow');

interface Flowing extends IncomingMessage {
  [FLOW]?: BodyFlow;
}

/** The flow of a request. The first call puts it before the stream. */
export function flowOf(request: Flowing): BodyFlow {
  return (request[FLOW] ??= new BodyFlow(request));
}

/** The body of one request as it comes in. */
export class BodyFlow {
  readonly #request: IncomingMessage;
  readonly #push: IncomingMessage['push'];
  #count: Count | undefined = undefined;
  #taken: Readable | undefined = undefined;
  /** Whether anything was asked of what was taken. */
  #started = false;
  #discards = false;

  constructor(request: IncomingMessage) {
    this.#request = request;
    this.#push = request.push.bind(request);
    request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => this.#receive(chunk, encoding);
  }

  /**
   * Counts a body as it arrives and stops it at the limit: a chunked one declares no size. What is over the limit never
   * reaches anybody, and neither does an `end`: a cut body must not look like a whole one (past failure 15).
   *
   * @param limit - asked at each piece, since a route's own limit is known only after its guards ran
   * @param onOverflow - called at each piece over the limit until it answers that the body ends there
   */
  count(limit: () => number, onOverflow: () => boolean): void {
    this.#count = { limit, onOverflow, bytes: 0, over: false };
  }

  /**
   * Turns the body aside, with what has come of it already: whoever reads the request from now on finds that it ended, and
   * nothing in it. It comes as fast as it is read, and fails where its client goes away or it is over its limit.
   *
   * @param askFor - called once it is read: a client may wait for that before it sends any of it
   */
  take(askFor: (() => void) | undefined): Readable {
    const request = this.#request;
    const taken = new Readable({
      read: () => {
        if (!this.#started) askFor?.();
        this.#started = true;
        pull(request);
      },
      destroy: (error, done) => {
        done(error);
        if (!request.complete && this.#discards) pull(request);
      },
    });
    // Whoever reads it hears of it; where nobody does, it must not end this process.
    taken.on('error', noted);
    this.#taken = taken;
    const whole = request.complete;
    const early = readBuffered(request);
    if (early !== null) taken.push(early);
    if (whole) taken.push(null);
    else {
      // It would take the connection along, on which the rest of the body is still to come.
      setAutoDestroy(request, false);
      this.#push(null);
      request.on('error', this.#onLost);
      request.on('close', this.#onLost);
    }
    return taken;
  }

  /** Lets the rest of a taken body come and go, once its answer is out and nobody reads on. */
  readAway(): void {
    const { destroyed } = this.#taken ?? {};
    this.#discards = true;
    if (!this.#started && destroyed === false) this.#taken?.destroy();
    else if (destroyed === true && !this.#request.complete) pull(this.#request);
    readRest(this.#request);
  }

  #receive(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (this.#isOver(chunk)) return false;
    if (this.#taken === undefined) return this.#push(chunk, encoding);
    if (chunk === null) this.#settle();
    if (this.#taken.destroyed) return this.#discards;
    return this.#taken.push(chunk, encoding);
  }

  #isOver(chunk: Buffer | null): boolean {
    const count = this.#count;
    if (count === undefined) return false;
    if (count.over) return true;
    count.bytes += chunk?.byteLength ?? 0;
    if (chunk !== null && count.bytes > count.limit()) count.over = count.onOverflow();
    return count.over;
  }

  /** All of it has come: from here on the request ends as any other does. */
  #settle(): void {
    const request = this.#request;
    request.off('error', this.#onLost);
    request.off('close', this.#onLost);
    if (request.readableEnded && request instanceof IncomingMessage) request.destroy();
    else setAutoDestroy(request, true);
  }

  readonly #onLost = (error?: Error): void => {
    const { errored } = this.#request;
    const cause = error ?? errored ?? undefined;
    this.#taken?.destroy(cause instanceof BulwarkError ? cause : clientGone(cause));
  };
}

interface Count {
  readonly limit: () => number;
  readonly onOverflow: () => boolean;
  bytes: number;
  over: boolean;
}

/** What has come by now, and with it that somebody has read it: Hono takes no body of which a part was read before. */
function readBuffered(request: IncomingMessage): Buffer | null {
  const { readableLength } = request;
  // No more than there is: a read of an empty, complete body would make Node emit `end`.
  const early = readableLength === 0 ? null : (request.read(readableLength) as Buffer | null);
  const state = stateOf(request);
  if (state !== undefined) state.dataEmitted = false;
  return early;
}

/** Asks the connection for more, as the request's own stream does. */
function pull(request: IncomingMessage): void {
  request._read(0);
}

function setAutoDestroy(request: IncomingMessage, value: boolean): void {
  const state = stateOf(request);
  // What is injected never had it.
  if (state !== undefined && request instanceof IncomingMessage) state.autoDestroy = value;
}

/** What Node.js keeps of a stream, which a bare object in the place of a request has not. */
function stateOf(request: IncomingMessage): { dataEmitted: boolean; autoDestroy: boolean } | undefined {
  return (request as { _readableState?: { dataEmitted: boolean; autoDestroy: boolean } })._readableState;
}

function clientGone(cause: Error | undefined): BulwarkError {
  const message = 'the client went away before its request body was whole: take none of it for the body';
  return new BulwarkError('ERR_BULWARK_CLIENT_GONE', message, { cause });
}

function noted(): void {
  // The stream keeps it.
}
