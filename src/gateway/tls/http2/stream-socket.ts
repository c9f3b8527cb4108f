/**
 * A stream of HTTP/2 as the server of HTTP/1.1 sees it: a connection of its own, with one request and one answer on it. So
 * the layer, its guards, its times and its answers are the same for both by construction: what a connection may not do, a
 * stream may not do.
 */
import { constants, type ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import type { RequestHead } from './request-head.ts';
import { StreamAnswer } from './stream-answer.ts';

/** Who is at the other end of the connection that a stream came on. */
export interface StreamPeer {
  readonly destroyed: boolean;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

/** One stream, in the place of a connection. */
export class StreamSocket extends Duplex {
  /** The layer asks its connection whether it is one of TLS. */
  readonly encrypted = true;
  /** The connection that it came on. */
  readonly line: StreamPeer;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;

  readonly #stream: ServerHttp2Stream;
  readonly #request: RequestHead;
  readonly #answer: StreamAnswer;
  #reads = false;
  /** Of its head, as text, and of its body. */
  bytesReceived: number;

  constructor(stream: ServerHttp2Stream, request: RequestHead, peer: StreamPeer) {
    super();
    this.line = peer;
    this.remoteAddress = peer.remoteAddress;
    this.remotePort = peer.remotePort;
    this.#stream = stream;
    this.#request = request;
    this.#answer = new StreamAnswer(stream, request);
    this.bytesReceived = request.text.length;
    const end = (): void => void this.destroy();
    // What went wrong with a stream is told by its end: others on its connection know nothing of it.
    stream.on('error', end);
    stream.on('aborted', end);
    stream.on('close', end);
    this.push(request.text, 'latin1');
  }

  /** As of a connection: what was taken, and what waits. */
  get bytesWritten(): number {
    return this.#answer.taken + this.writableLength;
  }

  // A connection is told how to behave. A stream has nothing of it: the times of the layer and of its connection hold.
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  /** Ends it once all that was written has gone out, whether or not the client sends on (RFC 9113 8.1). */
  destroySoon(): void {
    const close = (): void => this.#stream.close(constants.NGHTTP2_NO_ERROR);
    if (this.writable) this.end();
    if (this.writableFinished) close();
    else this.once('finish', close);
  }

  /** Ends it so that nobody takes what came for the whole. */
  resetAndDestroy(): this {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    return this.destroy();
  }

  override _read(): void {
    if (!this.#reads) this.#readBody();
    this.#stream.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#answer.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    try {
      this.#answer.finish();
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    const stream = this.#stream;
    if (!stream.closed && !stream.destroyed)
      stream.close(this.#answer.isWhole ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_INTERNAL_ERROR);
    this.#answer.settle();
    // The client knows by how its stream ended, and nobody else is to be told.
    done();
  }

  #readBody(): void {
    const stream = this.#stream;
    const { body } = this.#request;
    this.#reads = true;
    stream.on('data', (chunk: Buffer) => {
      if (chunk.length === 0) return;
      this.bytesReceived += chunk.length;
      const more =
        body === 'chunked'
          ? [this.push(`${chunk.length.toString(16)}\r\n`), this.push(chunk), this.push('\r\n')].at(-1)
          : this.push(chunk);
      if (more !== true) stream.pause();
    });
    stream.on('end', () => {
      if (this.destroyed) return;
      if (body === 'chunked') this.push('0\r\n\r\n');
      // The end of a request's body is no end of its connection; that of a WebSocket is.
      if (body === 'raw') this.push(null);
    });
  }
}
