/**
 * Forms with files (RFC 7578), in the one grammar that all readers take alike: what any of them would read otherwise, or
 * silently leave out, is refused. It is fed as the bytes come, and holds no more of them than a head or a boundary has.
 */
import { isUtf8 } from 'node:buffer';
import { MultipartFault } from './multipart-fault.ts';
import { type PartHead, readPartHead } from './part-head.ts';

/** How much there may be. */
export interface FormLimits {
  readonly parts: number;
  /** Bytes of one field. What a file may have is its route's matter. */
  readonly field: number;
}

/** Who hears of what is in a form, in its order. What it throws ends the form. */
export interface FormSink {
  part(head: PartHead): void;
  /** Bytes of the part, a piece at a time: they are another's after the call. */
  data(bytes: Buffer): void;
  /** The part is whole. */
  end(): void;
}

const EMPTY = Buffer.alloc(0);
const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_LINE = Buffer.from('\r\n');
const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
/** More than any client writes of one part, with names of a thousand letters. */
const LONGEST_HEAD = 8192;

/** Reads one form. A fault is thrown before the sink, or anybody else, has a byte that stands behind it. */
export class FormScanner {
  readonly #limits: FormLimits;
  readonly #sink: FormSink;
  /** The boundary as it stands in a line. */
  readonly #dashes: Buffer;
  readonly #delimiter: Buffer;
  #state: 'start' | 'mark' | 'head' | 'body' | 'after' = 'start';
  #held: Buffer = EMPTY;
  /** How much of what is held was looked through already, so that bytes that come one by one cost no more. */
  #looked = 0;
  #parts = 0;
  #part: OpenPart | undefined;

  constructor(boundary: string, limits: FormLimits, sink: FormSink) {
    this.#limits = limits;
    this.#sink = sink;
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
    this.#dashes = this.#delimiter.subarray(2);
  }

  /**
   * What came next.
   *
   * @throws MultipartFault as soon as the form is outside of the grammar
   */
  push(bytes: Uint8Array): void {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#held = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    while (this.#step());
    // A piece of a large buffer would keep the whole of it.
    if (this.#held.length > 0) this.#held = Buffer.from(this.#held);
  }

  /**
   * The body ends here.
   *
   * @throws MultipartFault `cut` where the form does not
   */
  finish(): void {
    if (this.#state !== 'after') throw new MultipartFault('cut');
    // Many clients leave the end of the last line out.
    if (this.#held.length > 0 && !this.#held.equals(LAST_LINE)) throw new MultipartFault('between');
  }

  /** Goes on by one thing, where enough of it is here. */
  #step(): boolean {
    switch (this.#state) {
      case 'start':
        return this.#start();
      case 'mark':
        return this.#mark();
      case 'head':
        return this.#head();
      case 'body':
        return this.#body();
      case 'after':
        if (this.#held.length > LAST_LINE.length) throw new MultipartFault('between');
        return false;
    }
  }

  /** The first boundary has no line in front of it. */
  #start(): boolean {
    const known = this.#held.subarray(0, this.#dashes.length);
    if (!this.#dashes.subarray(0, known.length).equals(known)) throw new MultipartFault('between');
    return known.length === this.#dashes.length && this.#go('mark', known.length);
  }

  /** Behind a boundary: another part, or the end. Blanks are legal there (RFC 2046), and to most readers they are no boundary. */
  #mark(): boolean {
    const mark = this.#held.toString('latin1', 0, 2);
    if (!'\r\n'.startsWith(mark) && !'--'.startsWith(mark)) throw new MultipartFault('between');
    if (mark.length < 2) return false;
    if (mark === '--') return this.#go('after', 2);
    if (this.#parts === this.#limits.parts) throw new MultipartFault('parts');
    this.#parts += 1;
    return this.#go('head', 2);
  }

  #head(): boolean {
    const at = this.#held.indexOf(HEAD_END, Math.max(0, this.#looked - HEAD_END.length));
    const end = at === -1 ? this.#held.length : at;
    // A reader that takes other ends of lines must not have a head before it is judged.
    assertLines(this.#held, this.#looked, end);
    if (end > LONGEST_HEAD || this.#held.subarray(0, 2).equals(LAST_LINE)) throw new MultipartFault('head');
    this.#looked = Math.max(0, end - 1);
    if (at === -1) return false;
    const lines = this.#held.subarray(0, at);
    if (lines.includes(this.#dashes)) throw new MultipartFault('between');
    const head = readPartHead(lines);
    this.#part =
      head.filename === undefined
        ? new Field(this.#limits.field, head.name === CHARSET_FIELD)
        : new File(head.filename);
    this.#sink.part(head);
    return this.#go('body', at + HEAD_END.length);
  }

  /**
   * A boundary stands at the start of a line, and readers differ on what a line is: where one stands after something else than
   * CRLF, to some it is a boundary.
   */
  #body(): boolean {
    const at = this.#held.indexOf(this.#dashes);
    if (at === -1) {
      const sure = this.#startOfBoundary();
      if (sure > 0) this.#hand(sure);
      return false;
    }
    if (at < 2 || this.#held[at - 2] !== CR || this.#held[at - 1] !== LF) throw new MultipartFault('between');
    if (at > 2) this.#hand(at - 2);
    this.#part?.end();
    this.#sink.end();
    return this.#go('mark', this.#delimiter.length);
  }

  #hand(length: number): void {
    const bytes = this.#cut(length);
    this.#part?.look(bytes);
    this.#sink.data(bytes);
  }

  /** Where a boundary may begin whose end has not come yet. */
  #startOfBoundary(): number {
    const { length } = this.#held;
    for (let at = Math.max(0, length - this.#delimiter.length + 1); at < length; at += 1) {
      const byte = this.#held[at];
      if (byte !== CR && byte !== DASH) continue;
      const whole = byte === CR ? this.#delimiter : this.#dashes;
      if (whole.subarray(0, length - at).equals(this.#held.subarray(at))) return at;
    }
    return length;
  }

  #go(state: 'mark' | 'head' | 'body' | 'after', length: number): boolean {
    this.#cut(length);
    this.#looked = 0;
    this.#state = state;
    return true;
  }

  #cut(length: number): Buffer {
    const cut = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return cut;
  }
}

/** What holds of the content of a part, whoever reads it. */
interface OpenPart {
  look(bytes: Buffer): void;
  end(): void;
}

/** Where no file was chosen, there are no bytes of one: half of all readers would leave them out. */
class File implements OpenPart {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  look(): void {
    if (this.#name === '') throw new MultipartFault('name');
  }

  end(): void {
    // Any bytes will do.
  }
}

/** A field is text in UTF-8, as long as all readers take: busboy silently cuts a longer one. */
class Field implements OpenPart {
  readonly #most: number;
  readonly #isCharset: boolean;
  #bytes: Buffer[] = [];
  #length = 0;

  constructor(most: number, isCharset: boolean) {
    this.#most = most;
    this.#isCharset = isCharset;
  }

  look(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length > this.#most) throw new MultipartFault('field');
    this.#bytes.push(Buffer.from(bytes));
  }

  end(): void {
    const bytes = Buffer.concat(this.#bytes);
    if (!isUtf8(bytes) || (this.#isCharset && !/^utf-8$/i.test(bytes.toString())))
      throw new MultipartFault('text');
  }
}

/** Says how the other fields are to be read (RFC 7578, 4.6): in UTF-7, markup is letters that nobody looks for. */
const CHARSET_FIELD = '_charset_';

/** Lines end with CRLF, and neither half of it stands alone. */
function assertLines(bytes: Buffer, from: number, to: number): void {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at];
    if (byte === LF && bytes[at - 1] !== CR) throw new MultipartFault('head');
    if (byte === CR && at + 1 < bytes.length && bytes[at + 1] !== LF) throw new MultipartFault('head');
  }
}
