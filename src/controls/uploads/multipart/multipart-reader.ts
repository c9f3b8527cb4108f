/**
 * Forms with files (RFC 7578), in the one grammar that all readers take alike: what any of them would read otherwise, or
 * silently leave out, is refused. The bytes of a file go through as they come, and are asked for as they are read.
 */
import { MultipartFault } from './multipart-fault.ts';
import { type PartHead, readPartHead } from './part-head.ts';

/** How much there may be. Sizes are for whoever reads a part: a field and a file have different ones. */
export interface MultipartLimits {
  readonly parts: number;
  /** Bytes of the head of a part. */
  readonly head: number;
}

/** One part. Its body is read before the next part is asked for; what is left of it is skipped. */
export interface Part extends PartHead {
  readonly body: AsyncIterable<Buffer>;
}

/**
 * The parts of a form, one after the other.
 *
 * @param source - the body as it comes
 * @throws MultipartFault as soon as the form is outside of the grammar
 */
export async function* readMultipart(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: MultipartLimits,
): AsyncGenerator<Part, void, void> {
  const bytes = new Bytes(source);
  try {
    const delimiter = Buffer.from(`\r\n--${boundary}`);
    // The first boundary has no line in front of it.
    if (!(await bytes.take(delimiter.length - 2)).equals(delimiter.subarray(2)))
      throw new MultipartFault('between');
    for (let parts = 0; await another(bytes); parts += 1) {
      if (parts === limits.parts) throw new MultipartFault('parts');
      const head = readPartHead(await bytes.line(limits.head));
      const body = bytes.upTo(delimiter);
      // Without `return`: whoever stops reading a part leaves the rest of it to be skipped.
      yield { ...head, body: { [Symbol.asyncIterator]: () => ({ next: () => body.next() }) } };
      while ((await body.next()).done !== true) continue;
    }
    await bytes.end();
  } finally {
    await bytes.close();
  }
}

/** Behind a boundary: another part, or the end. Blanks are legal there (RFC 2046), and to most readers they are no boundary. */
async function another(bytes: Bytes): Promise<boolean> {
  const mark = (await bytes.take(2)).toString('latin1');
  if (mark !== '\r\n' && mark !== '--') throw new MultipartFault('between');
  return mark === '\r\n';
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_LINE = Buffer.from('\r\n');
const EMPTY = Buffer.alloc(0);

/** Bytes as they come, looked at without a copy but where two pieces meet. */
class Bytes {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = EMPTY;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** This many bytes. */
  async take(length: number): Promise<Buffer> {
    while (this.#held.length < length) await this.#more();
    return this.#cut(length, 0);
  }

  /** All up to an empty line. */
  async line(most: number): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(HEAD_END);
      if (at > most || (at === -1 && this.#held.length > most + HEAD_END.length))
        throw new MultipartFault('head');
      if (at !== -1) return this.#cut(at, HEAD_END.length);
      await this.#more();
    }
  }

  /** All up to a delimiter, as it comes. */
  async *upTo(delimiter: Buffer): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const at = this.#held.indexOf(delimiter);
      const sure = at === -1 ? this.#startOf(delimiter) : at;
      if (sure > 0) yield this.#cut(sure, 0);
      if (at !== -1) {
        this.#cut(0, delimiter.length);
        return;
      }
      await this.#more();
    }
  }

  /** Holds that nothing comes any more but the end of the last line, which many clients leave out. */
  async end(): Promise<void> {
    while (await this.#fill()) if (this.#held.length > LAST_LINE.length) break;
    if (this.#held.length > 0 && !this.#held.equals(LAST_LINE)) throw new MultipartFault('between');
  }

  /** Nobody reads on. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** Where a delimiter may begin whose end has not come yet. */
  #startOf(delimiter: Buffer): number {
    const from = Math.max(0, this.#held.length - delimiter.length + 1);
    for (let at = this.#held.indexOf(CR, from); at !== -1; at = this.#held.indexOf(CR, at + 1)) {
      const tail = this.#held.subarray(at);
      if (delimiter.subarray(0, tail.length).equals(tail)) return at;
    }
    return this.#held.length;
  }

  #cut(length: number, skipped: number): Buffer {
    const cut = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length + skipped);
    return cut;
  }

  async #more(): Promise<void> {
    if (!(await this.#fill())) throw new MultipartFault('cut');
  }

  async #fill(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (done === true) return false;
    const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return true;
  }
}

const CR = 0x0d;
