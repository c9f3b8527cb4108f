/** The chunked coding, read strictly (RFC 9112 7.1). */
import { malformed } from './fault.ts';
import { readFieldLines } from './field-lines.ts';

/** Hears what a chunked body holds. */
export interface ChunkedSink {
  data(bytes: Buffer, isLast: boolean): void;
  /** Names and values of the trailer in turn; mostly none. */
  trailers(rawTrailers: readonly string[]): void;
}

type Stage = 'size' | 'data' | 'data-end' | 'trailer' | 'done';

const CR = 0x0d;
const LF = 0x0a;
/** A size of 13 hexadecimal digits is 2^52 at most, which JavaScript counts exactly. */
const SIZE_DIGITS = 13;
/** A size line with its extensions, which nobody uses and some have used to smuggle. */
const SIZE_LINE_BYTES = 256;
const TRAILER_BYTES = 16_384;

/** One chunked body. It is fed pieces as they come, and says where it ends. */
export class ChunkedReader {
  readonly #sink: ChunkedSink;
  #stage: Stage = 'size';
  /** Bytes of the present chunk that are still to come. */
  #left = 0;
  /** The present line, as far as it came. */
  #line = '';

  constructor(sink: ChunkedSink) {
    this.#sink = sink;
  }

  /**
   * Reads a piece. Answers where in it the body ended, or -1 while it has not.
   *
   * @throws UpstreamFault of kind `malformed`
   */
  push(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.#stage === 'data') at = this.#readData(bytes, at);
      else at = this.#readLine(bytes, at);
      if (this.#stage === 'done') return at;
    }
    return -1;
  }

  #readData(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#stage = 'data-end';
    this.#sink.data(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end), false);
    return end;
  }

  #readLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(LF, at);
    const to = end === -1 ? bytes.length : end + 1;
    this.#line += bytes.toString('latin1', at, to);
    const most = this.#stage === 'trailer' ? TRAILER_BYTES : SIZE_LINE_BYTES;
    if (this.#line.length > most) throw malformed(`a line of over ${most} bytes in a chunked body`);
    if (end !== -1) this.#endLine();
    return to;
  }

  #endLine(): void {
    const { length } = this.#line;
    if (this.#line.charCodeAt(length - 2) !== CR) throw malformed('a bare LF in a chunked body');
    if (this.#stage === 'data-end') {
      if (length !== 2) throw malformed('a chunk that is longer than its size');
      this.#stage = 'size';
    } else if (this.#stage === 'size') {
      this.#left = readSize(this.#line.slice(0, -2));
      this.#stage = this.#left === 0 ? 'trailer' : 'data';
    } else {
      // The trailer is gathered line by line until its empty one.
      if (length > 2 && !this.#line.endsWith('\r\n\r\n')) return;
      this.#sink.trailers(length === 2 ? [] : readFieldLines(this.#line.slice(0, -4), 0));
      this.#stage = 'done';
    }
    this.#line = '';
  }
}

function readSize(line: string): number {
  const semicolon = line.indexOf(';');
  const digits = semicolon === -1 ? line : line.slice(0, semicolon);
  if (!/^[\da-f]+$/i.test(digits) || digits.length > SIZE_DIGITS)
    throw malformed('a chunk size that is no number');
  // Printable characters and blanks alone: an extension with a CR in it is two lines to some.
  if (semicolon !== -1 && !/^[\t\x20-\x7e]*$/.test(line))
    throw malformed('a chunk extension with a control character');
  return Number.parseInt(digits, 16);
}
