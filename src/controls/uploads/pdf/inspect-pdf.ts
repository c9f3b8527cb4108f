/**
 * Looks through a PDF (ISO 32000-2) for what acts: scripts, programs that are started, files within the file. Every byte is
 * looked at, whether or not it stands where an object should: readers find objects by tables that can point anywhere.
 */
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import type { WholeFile } from '../content/whole-file.ts';
import { ObjectStreams } from './object-streams.ts';
import { decodedName } from './stream-head.ts';

/**
 * What a PDF does, or may do. `javascript`: it has scripts. `launch`: it starts programs. `attachment`: files stand in it.
 * `form`: it sends what is typed to somewhere, or takes data from there. `xfa`: forms in XML, which have scripts of their own.
 * `media`: films, sounds and other things that a player opens. `remote`: it leads into other files. `on-open`: something
 * happens when it is opened or paged through; by itself that is often the page to begin with. `encrypted`: what it has in
 * packed objects cannot be seen. `unseen`: some of these are packed in a way that is not read here.
 */
export const PDF_ACTS = [
  'javascript',
  'launch',
  'attachment',
  'form',
  'xfa',
  'media',
  'remote',
  'on-open',
  'encrypted',
  'unseen',
] as const;

/** One of them. */
export type PdfAct = (typeof PDF_ACTS)[number];

/**
 * What a PDF does, by name; empty where it does nothing.
 *
 * @param signal - stops it: what it throws then is the reason of that
 */
export async function inspectPdf(file: WholeFile, signal?: AbortSignal): Promise<readonly PdfAct[]> {
  const look = new Look();
  for await (const piece of file.read(0, file.size)) {
    signal?.throwIfAborted();
    look.take(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1'));
    await look.unpack(signal);
  }
  look.end();
  await look.unpack(signal);
  return PDF_ACTS.filter((act) => look.found.has(act));
}

/** Names of ISO 32000-2, 12.6 and elsewhere, as they are found anywhere: long enough that pixels are not taken for one. */
const ACTS: ReadonlyMap<string, PdfAct> = new Map([
  ['JavaScript', 'javascript'],
  ['Launch', 'launch'],
  ['EmbeddedFile', 'attachment'],
  ['EmbeddedFiles', 'attachment'],
  ['FileAttachment', 'attachment'],
  ['SubmitForm', 'form'],
  ['ImportData', 'form'],
  ['RichMedia', 'media'],
  ['RichMediaExecute', 'media'],
  ['Rendition', 'media'],
  ['GoTo3DView', 'media'],
  ['GoToR', 'remote'],
  ['GoToE', 'remote'],
  ['OpenAction', 'on-open'],
]);

/** Short ones count where that stands behind them which belongs there. */
const WITH_VALUE: readonly (readonly [look: RegExp, act: PdfAct])[] = [
  [/\/(?:X|#58)(?:F|#46)(?:A|#41)\s{0,9}(?:\[|\d{1,9}\s)/, 'xfa'],
  [/\/(?:A|#41)(?:A|#41)\s{0,9}(?:<<|\d{1,9}\s{1,9}\d{1,5}\s{1,9}R)/, 'on-open'],
  [/\/S\s{0,9}\/(?:Movie|Sound)[\s/>]/, 'media'],
  [/\/Encrypt\s{0,9}(?:<<|\d{1,9}\s{1,9}\d{1,5}\s{1,9}R)/, 'encrypted'],
];

/** A name, as it is written. */
const NAME = /\/([^\0\t\n\f\r ()<>[\]{}/%]{2,120})/g;
/** Longer than a token, with the value of a short one. */
const OVERLAP = 192;
/** What is unpacked of object streams at most: a book of a thousand pages has less. */
const MOST_ONE = 32 * 1024 ** 2;
const MOST_ALL = 128 * 1024 ** 2;
/** A million objects, a hundred in each. */
const MOST_STREAMS = 10_000;
/** By then it is known that not all was seen: the rest is work for nothing. */
const MOST_BROKEN = 100;
/** More than that deflate makes out of no byte. */
const MOST_RATIO = 1032;

class Look {
  readonly found = new Set<PdfAct>();
  #held = '';
  readonly #streams = new ObjectStreams();
  #left = MOST_ALL;
  #streamsLeft = MOST_STREAMS;

  take(text: string): void {
    this.#streams.take(text);
    this.#held += text;
    this.#scan(Math.max(0, this.#held.length - OVERLAP));
  }

  end(): void {
    this.#streams.end();
    this.#scan(this.#held.length);
  }

  /** Object streams that came by, which packed objects stand in: names in them count as outside. */
  async unpack(signal: AbortSignal | undefined): Promise<void> {
    if (this.#streams.isUnseen) this.found.add('unseen');
    for (const bytes of this.#streams.packed.splice(0)) {
      signal?.throwIfAborted();
      if (this.#left <= 0) return;
      this.#streamsLeft -= 1;
      const maxOutputLength = Math.min(MOST_ONE, this.#left);
      try {
        const objects = await promisify(inflate)(bytes, { maxOutputLength });
        this.#left -= objects.length;
        const text = objects.toString('latin1');
        for (const [, name = ''] of text.matchAll(NAME)) this.#note(decodedName(name));
        this.#values(text);
      } catch {
        // How far it came is not said: as far as it can have come. Readers show what did.
        this.#left -= Math.min(maxOutputLength, bytes.length * MOST_RATIO);
        this.#streamsLeft -= MOST_STREAMS / MOST_BROKEN;
        this.found.add('unseen');
      }
      if (this.#streamsLeft <= 0) this.#left = 0;
      if (this.#left <= 0) this.found.add('unseen');
    }
  }

  /** @param sure - where a name that begins before it is here to its end */
  #scan(sure: number): void {
    const text = this.#held;
    this.#values(text);
    for (const name of text.matchAll(NAME)) {
      if (name.index >= sure) break;
      this.#note(decodedName(name[1] ?? ''));
    }
    this.#held = text.slice(sure);
  }

  #values(text: string): void {
    for (const [look, act] of WITH_VALUE) if (!this.found.has(act) && look.test(text)) this.found.add(act);
  }

  #note(name: string): void {
    const act = ACTS.get(name);
    if (act !== undefined) this.found.add(act);
  }
}
