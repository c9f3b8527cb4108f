/** An answer as the server of HTTP/1.1 writes it, on its way into a stream of HTTP/2. */
import type { ServerHttp2Stream } from 'node:http2';
import { answerLines, trailerLines } from '../../answer-lines.ts';
import type { AnswerHead } from '../../upstream/answer-head.ts';
import { AnswerReader, type AnswerSink } from '../../upstream/answer-reader.ts';
import { malformed } from '../../upstream/fault.ts';
import type { RequestHead } from './request-head.ts';

/** Bytes that are handed on at a time: of a larger piece nobody could see how much of it a slow client has taken. */
const PIECE_BYTES = 16_384;

type Done = (error?: Error) => void;

/** One answer. It goes out no faster than the client's window takes it. */
export class StreamAnswer implements AnswerSink {
  readonly #stream: ServerHttp2Stream;
  readonly #request: RequestHead;
  readonly #reader: AnswerReader;
  /** Pieces that the client has not taken yet, and who waits for that. */
  #pending = 0;
  #done: Done | undefined;
  /** Whether what comes is no HTTP any more. */
  #isRaw = false;
  #ends = false;
  #trailers: readonly (readonly [name: string, value: string])[] = [];
  /** Bytes that have gone to the client. */
  taken = 0;

  constructor(stream: ServerHttp2Stream, request: RequestHead) {
    this.#stream = stream;
    this.#request = request;
    this.#reader = new AnswerReader(request.method, request.accept !== undefined, this);
  }

  /** Whether all of the answer is with the client, or on its way. */
  get isWhole(): boolean {
    return this.#ends && this.#stream.writableFinished;
  }

  /** Takes what the server writes. `done` is called once the client has it. */
  write(bytes: Buffer, done: Done): void {
    this.#done = done;
    try {
      if (this.#isRaw) this.data(bytes);
      else this.#reader.push(bytes);
    } catch (error) {
      this.settle(error as Error);
      return;
    }
    if (this.#pending === 0) this.settle();
  }

  /**
   * The server ended its connection.
   *
   * @throws UpstreamFault where that was in the middle of an answer
   */
  finish(): void {
    if (!this.#isRaw) this.#reader.finish();
    this.end();
  }

  /** Tells who wrote last that the client has it, or that there is no client. */
  settle(error?: Error): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(error);
  }

  information({ status, rawHeaders }: AnswerHead): void {
    const headers: Record<string, string[]> = {};
    for (let at = 0; at < rawHeaders.length; at += 2)
      (headers[(rawHeaders[at] ?? '').toLowerCase()] ??= []).push(rawHeaders[at + 1] ?? '');
    this.#stream.additionalHeaders({ ...headers, ':status': status });
  }

  head({ status, rawHeaders, framing }: AnswerHead): void {
    const hasLength = framing.kind === 'length' || this.#request.method === 'HEAD' || status === 304;
    const endStream = framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0);
    // Trailers come behind chunks alone, and nobody knows ahead whether they do.
    const waitForTrailers = framing.kind === 'chunked';
    if (waitForTrailers) this.#stream.on('wantTrailers', () => this.#sendTrailers());
    const lines = [':status', String(status), ...answerLines(rawHeaders, hasLength)];
    this.#stream.respond(lines, { endStream, waitForTrailers });
  }

  data(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) this.#hand(bytes.subarray(at, at + PIECE_BYTES));
  }

  trailers(rawTrailers: readonly string[]): void {
    this.#trailers = trailerLines(rawTrailers);
  }

  end(): void {
    this.#ends = true;
    if (!this.#stream.writableEnded) this.#stream.end();
  }

  /** A WebSocket is open: to a client of HTTP/2 that is a 200 (RFC 8441 5). */
  upgraded({ rawHeaders }: AnswerHead, rest: Buffer): void {
    const lines = answerLines(rawHeaders, false);
    const at = lines.findIndex(
      (name, index) => index % 2 === 0 && name.toLowerCase() === 'sec-websocket-accept',
    );
    // A client of HTTP/1.1 looks at this, and one of HTTP/2 cannot.
    if (at === -1 || lines[at + 1] !== this.#request.accept) throw malformed('an upgrade to no WebSocket');
    lines.splice(at, 2);
    this.#isRaw = true;
    this.#stream.respond([':status', '200', ...lines]);
    if (rest.length > 0) this.data(rest);
  }

  #hand(piece: Buffer): void {
    this.#pending += 1;
    this.#stream.write(piece, () => {
      this.taken += piece.length;
      this.#pending -= 1;
      if (this.#pending === 0) this.settle();
    });
  }

  #sendTrailers(): void {
    const headers: Record<string, string[]> = {};
    for (const [name, value] of this.#trailers) (headers[name.toLowerCase()] ??= []).push(value);
    if (this.#trailers.length === 0) this.#stream.close();
    else this.#stream.sendTrailers(headers);
  }
}
