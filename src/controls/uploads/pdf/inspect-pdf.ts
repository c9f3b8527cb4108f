/**
 * Looks through a PDF (ISO 32000-2) for what acts: scripts, programs that are started, files within the file. Every byte is
 * looked at, whether or not it stands where an object should: readers find objects by tables that can point anywhere.
 */
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import type { WholeFile } from '../content/whole-file.ts';
import { ObjectStreams } from './object-streams.ts';
import { ActFinder, OVERLAP, PDF_ACTS, type PdfAct } from './pdf-acts.ts';

/**
 * What a PDF does, by name; empty where it does nothing.
 *
 * @param signal - stops it: what it throws then is the reason of that
 */
export async function inspectPdf(file: WholeFile, signal?: AbortSignal): Promise<readonly PdfAct[]> {
  const look = new PdfLook();
  for await (const piece of file.read(0, file.size)) {
    signal?.throwIfAborted();
    await look.take(piece, signal);
  }
  return await look.end(signal);
}

/** Bytes that are looked through at once, however small the pieces are that they come in: each file on its way has them. */
const WINDOW = 16 * 1024;
/** What is unpacked of object streams at most: a book of a thousand pages has less. */
const MOST_ONE = 32 * 1024 ** 2;
const MOST_ALL = 128 * 1024 ** 2;
/** A million objects, a hundred in each. */
const MOST_STREAMS = 10_000;
/** By then it is known that not all was seen: the rest is work for nothing. */
const MOST_BROKEN = 100;
/** More than that deflate makes out of no byte. */
const MOST_RATIO = 1032;

/** A look at a PDF as it comes, whoever else has its bytes. */
export class PdfLook {
  readonly #found = new Set<PdfAct>();
  readonly #finder = new ActFinder(this.#found);
  readonly #streams = new ObjectStreams();
  readonly #window = Buffer.allocUnsafeSlow(WINDOW);
  #filled = 0;
  /** Up to there object streams were looked for. Names are from the start on. */
  #streamsAt = 0;
  #left = MOST_ALL;
  #streamsLeft = MOST_STREAMS;

  /** What came next. */
  async take(piece: Uint8Array, signal?: AbortSignal): Promise<void> {
    for (let at = 0; at < piece.byteLength;) {
      const part = piece.subarray(at, at + WINDOW - this.#filled);
      this.#window.set(part, this.#filled);
      this.#filled += part.byteLength;
      at += part.byteLength;
      if (this.#filled < WINDOW) break;
      this.#look(WINDOW - OVERLAP);
      await this.#unpack(signal);
    }
  }

  /** That was all of it: what it does, by name. */
  async end(signal?: AbortSignal): Promise<readonly PdfAct[]> {
    this.#look(this.#filled);
    this.#streams.end();
    await this.#unpack(signal);
    return PDF_ACTS.filter((act) => this.#found.has(act));
  }

  /** @param sure - where a name that begins before it is here to its end */
  #look(sure: number): void {
    const bytes = this.#window.subarray(0, this.#filled);
    this.#streams.take(bytes, this.#streamsAt);
    this.#finder.take(bytes, sure);
    this.#window.copyWithin(0, sure, this.#filled);
    this.#filled -= sure;
    this.#streamsAt = this.#filled;
  }

  /** Object streams that came by, which packed objects stand in: names in them count as outside. */
  async #unpack(signal: AbortSignal | undefined): Promise<void> {
    if (this.#streams.isUnseen) this.#found.add('unseen');
    for (const bytes of this.#streams.packed.splice(0)) {
      signal?.throwIfAborted();
      if (this.#left <= 0) return;
      this.#streamsLeft -= 1;
      const maxOutputLength = Math.min(MOST_ONE, this.#left);
      try {
        const objects = await promisify(inflate)(bytes, { maxOutputLength });
        this.#left -= objects.length;
        new ActFinder(this.#found).take(objects, objects.length);
      } catch {
        // How far it came is not said: as far as it can have come. Readers show what did.
        this.#left -= Math.min(maxOutputLength, bytes.length * MOST_RATIO);
        this.#streamsLeft -= MOST_STREAMS / MOST_BROKEN;
        this.#found.add('unseen');
      }
      if (this.#streamsLeft <= 0) this.#left = 0;
      if (this.#left <= 0) this.#found.add('unseen');
    }
  }
}
