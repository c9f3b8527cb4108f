/**
 * The bytes of a request body, before the stream of the request has them: counted, and turned aside where the layer takes
 * the body. One place does both: a count further up would not see bytes that were turned aside below it.
 */
import { IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { BulwarkError } from '../core/errors.ts';
import { isCutOff, readRest } from './request-body.ts';

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
  #refuses: ((chunk: Buffer | null) => boolean) | undefined = undefined;
  #refused = false;
  #taken: Readable | undefined = undefined;
  /** Whether the reader of the taken body has asked for any of it. */
  #started = false;
  #discards = false;

  constructor(request: IncomingMessage) {
    this.#request = request;
    this.#push = request.push.bind(request);
    request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => this.#receive(chunk, encoding);
  }

  /**
   * Counts a body as it arrives and stops it at the limit: a chunked one declares no size. Bytes over the limit never
   * reach a reader, and neither does an `end`: a cut body must not look like a whole one (past failure 15).
   *
   * @param limit - asked at each piece, since a route's own limit is known only after its guards ran
   * @param onOverflow - called at each piece over the limit until it answers that the body ends there
   */
  count(limit: () => number, onOverflow: () => boolean): void {
    this.#count = { limit, onOverflow, bytes: 0, over: false };
  }

  /**
   * What is here already, left where it is.
   *
   * @returns null where there is nothing
   */
  early(): Buffer | null {
    const early = readBuffered(this.#request);
    if (early !== null) this.#request.unshift(early);
    return early;
  }

  /**
   * Has each piece that comes, and the end as null, looked at first. Where it is refused neither it nor anything behind it
   * reaches a reader, and neither does an `end`.
   */
  judge(refuses: (chunk: Buffer | null) => boolean): void {
    this.#refuses = refuses;
  }

  /**
   * Turns the body aside, with the bytes that are here already: the handler then reads a request whose body is empty and
   * at its end. The taken body comes as fast as it is read, and fails where the client goes away or the limit is passed.
   *
   * @param askFor - called at the first read: a client may wait for `100 Continue` before it sends any of the body
   */
  take(askFor: (() => void) | undefined): Readable {
    const request = this.#request;
    const taken = new Readable({
      highWaterMark: AHEAD,
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
    // Its reader hears of an error. A taken body without a reader must not end this process.
    taken.on('error', noted);
    this.#taken = taken;
    const whole = request.complete;
    const early = readBuffered(request);
    if (early !== null) taken.push(early);
    if (whole) taken.push(null);
    else {
      // A destroyed request takes its connection along, on which the rest of the body is still to come.
      setAutoDestroy(request, false);
      this.#push(null);
      request.on('error', this.#onLost);
      request.on('close', this.#onLost);
    }
    return taken;
  }

  /** Reads the rest of a taken body and drops it, once the answer is out and its reader has stopped. */
  readAway(response: ServerResponse): void {
    if (isCutOff(response)) return;
    const { destroyed } = this.#taken ?? {};
    this.#discards = true;
    if (!this.#started && destroyed === false) this.#taken?.destroy();
    else if (destroyed === true && !this.#request.complete) pull(this.#request);
    readRest(this.#request, response);
  }

  #receive(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (this.#isOver(chunk) || this.#isRefused(chunk)) return false;
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

  #isRefused(chunk: Buffer | null): boolean {
    this.#refused ||= this.#refuses?.(chunk) === true;
    return this.#refused;
  }

  /** The whole body is here: from now on the request ends as any other does. */
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

/** Less than a piece of the connection: one is here while another is worked at, of each of many that come at once. */
const AHEAD = 16 * 1024;

interface Count {
  readonly limit: () => number;
  readonly onOverflow: () => boolean;
  bytes: number;
  over: boolean;
}

/** The bytes that are here by now. The mark that they were read is taken back: Hono takes no body of which a part was read. */
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
  // An injected request has no such state.
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
