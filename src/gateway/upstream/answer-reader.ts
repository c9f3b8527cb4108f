/** One answer of the upstream, from the bytes of its connection to head, body and end. */
import { type AnswerHead, readAnswerHead } from './answer-head.ts';
import { ChunkedReader } from './chunked-reader.ts';
import { malformed, UpstreamFault } from './fault.ts';

/** Hears one answer, in this order: any number of `information`, one `head`, `data`, `trailers`, one `end`. */
export interface AnswerSink {
  /** An interim answer: 100, 102 or 103. */
  information(head: AnswerHead): void;
  head(head: AnswerHead): void;
  /** A piece of the body. `isLast`: it is known that no other follows. */
  data(bytes: Buffer, isLast: boolean): void;
  trailers(rawTrailers: readonly string[]): void;
  /** The answer is whole. `reusable`: nothing speaks against another request on this connection. */
  end(reusable: boolean): void;
  /** 101: what follows is no HTTP. `rest` are the bytes that came with the head. */
  upgraded(head: AnswerHead, rest: Buffer): void;
}

/** What an upstream may send before its head is whole. */
const HEAD_BYTES = 65_536;
/** Interim answers to one request. More are a flood. */
const MOST_INTERIM = 16;
const END_OF_HEAD = '\r\n\r\n';

/** Reads the answer to one request. */
export class AnswerReader {
  readonly #method: string;
  readonly #mayUpgrade: boolean;
  readonly #sink: AnswerSink;
  #head: AnswerHead | undefined;
  #chunks: ChunkedReader | undefined;
  /** A head that did not come in one piece. */
  #gathered: Gathered | undefined;
  /** Bytes of a body with a length that are still to come. */
  #left = 0;
  #interim = 0;
  #isDone = false;

  constructor(method: string, mayUpgrade: boolean, sink: AnswerSink) {
    this.#method = method;
    this.#mayUpgrade = mayUpgrade;
    this.#sink = sink;
  }

  /** Whether the head of the answer itself has come. */
  get hasHead(): boolean {
    return this.#head !== undefined;
  }

  /** Whether any byte of an answer has come. */
  get hasBegun(): boolean {
    return this.hasHead || this.#interim > 0 || this.#gathered !== undefined;
  }

  /**
   * Reads what came.
   *
   * @throws UpstreamFault of kind `malformed`
   */
  push(bytes: Buffer): void {
    if (this.#isDone) throw malformed('bytes behind the end of the answer');
    if (this.#head !== undefined) {
      this.#readBody(bytes);
      return;
    }
    if (this.#gathered === undefined) this.#readHeads(bytes, 0);
    else {
      const from = this.#gathered.add(bytes);
      this.#readHeads(this.#gathered.bytes, from);
    }
  }

  /**
   * The upstream ended the connection.
   *
   * @throws UpstreamFault of kind `cut`, unless that was the end of the answer as well
   */
  finish(): void {
    if (this.#isDone) return;
    if (this.#head?.framing.kind !== 'until-close')
      throw new UpstreamFault(
        'cut',
        this.hasHead ? 'the connection ended within a body' : 'the connection ended without an answer',
      );
    this.#end(false);
  }

  /** @param from - where the end of the first head may be: before that it was looked for already */
  #readHeads(bytes: Buffer, from: number): void {
    let at = 0;
    while (this.#head === undefined) {
      const end = bytes.indexOf(END_OF_HEAD, Math.max(at, from), 'latin1');
      if ((end === -1 ? bytes.length : end) - at > HEAD_BYTES)
        throw malformed(`a head of over ${HEAD_BYTES} bytes`);
      if (end === -1) {
        if (at > 0 || this.#gathered === undefined) this.#gathered = new Gathered(bytes.subarray(at));
        return;
      }
      const head = readAnswerHead(bytes.toString('latin1', at, end), this.#method);
      at = end + END_OF_HEAD.length;
      this.#gathered = undefined;
      if (this.#takeHead(head, bytes, at)) return;
    }
    if (at < bytes.length) this.#readBody(bytes.subarray(at));
  }

  /** Answers whether reading ends here, since what follows is no HTTP. */
  #takeHead(head: AnswerHead, bytes: Buffer, at: number): boolean {
    if (head.status === 101) {
      if (!this.#mayUpgrade) throw malformed('an upgrade that nobody asked for');
      this.#isDone = true;
      this.#sink.upgraded(head, bytes.subarray(at));
      return true;
    }
    if (head.status < 200) {
      this.#interim += 1;
      if (this.#interim > MOST_INTERIM) throw malformed(`more than ${MOST_INTERIM} interim answers`);
      this.#sink.information(head);
      return false;
    }
    this.#head = head;
    if (head.framing.kind === 'chunked') this.#chunks = new ChunkedReader(this.#sink);
    if (head.framing.kind === 'length') this.#left = head.framing.bytes;
    this.#sink.head(head);
    const isEmpty = head.framing.kind === 'none' || (head.framing.kind === 'length' && this.#left === 0);
    // What comes behind an answer without a body belongs to no request: it is dropped with the connection.
    if (isEmpty) this.#end(at === bytes.length);
    return isEmpty;
  }

  #readBody(bytes: Buffer): void {
    if (this.#chunks !== undefined) {
      const end = this.#chunks.push(bytes);
      if (end !== -1) this.#end(end === bytes.length);
      return;
    }
    if (this.#head?.framing.kind === 'until-close') {
      this.#sink.data(bytes, false);
      return;
    }
    const body = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left);
    this.#left -= body.length;
    this.#sink.data(body, this.#left === 0);
    if (this.#left === 0) this.#end(body.length === bytes.length);
  }

  #end(isClean: boolean): void {
    this.#isDone = true;
    this.#sink.end(isClean && this.#head?.persistent === true);
  }
}

/** Pieces of a head, in one place. Each byte is copied a bounded number of times, in however small pieces they come. */
class Gathered {
  #room: Buffer;
  #length = 0;

  constructor(bytes: Buffer) {
    this.#room = Buffer.allocUnsafe(Math.max(1024, bytes.length * 2));
    this.add(bytes);
  }

  get bytes(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  /** Answers from where on the end of a head must be looked for. */
  add(bytes: Buffer): number {
    const before = this.#length;
    const length = before + bytes.length;
    if (length > this.#room.length) {
      const room = Buffer.allocUnsafe(length * 2);
      this.#room.copy(room, 0, 0, before);
      this.#room = room;
    }
    bytes.copy(this.#room, before);
    this.#length = length;
    return Math.max(0, before - (END_OF_HEAD.length - 1));
  }
}
