/**
 * Looks through a PDF (ISO 32000-2) for what acts: scripts, programs that are started, files within the file. Every byte is
 * looked at, whether or not it stands where an object should: readers find objects by tables that can point anywhere.
 */
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import type { WholeFile } from '../content/whole-file.ts';

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

/** A name, where a stream ends, where an object does, or where a stream begins: readers let blanks pass there. */
const TOKEN = /\/([^\0\t\n\f\r ()<>[\]{}/%]{2,120})|(endstream)|(endobj)|stream[\0\t\f ]{0,9}(?:\r\n|\n|\r)/g;
/** A filter, or some of them, by name and in their place. */
const FILTERS =
  /^[\0\s]{0,9}(?:\/[^\0\s()<>[\]{}/%]{1,60}(?=[\0\s()<>[\]{}/%])|\[[\0\s]{0,9}(?:\/[^\0\s()<>[\]{}/%]{1,60}[\0\s]{0,9}){0,4}\])/;
/** Longer than a token, with the value of a short one. */
const OVERLAP = 192;
/** What is packed and unpacked of object streams at most: a book of a thousand pages has less. */
const MOST_PACKED = 8 * 1024 ** 2;
const MOST_ONE = 32 * 1024 ** 2;
const MOST_ALL = 128 * 1024 ** 2;
/** More than that deflate makes out of no byte. */
const MOST_RATIO = 1032;

class Look {
  readonly found = new Set<PdfAct>();
  #held = '';
  /** Names since the last stream ended: what stands before a stream says how it is packed. */
  #names = new Set<string>();
  /** Of an object stream, as far as it has come. */
  #packing: Packing | undefined;
  #packed: { readonly isSure: boolean; readonly bytes: Buffer }[] = [];
  #left = MOST_ALL;

  take(text: string): void {
    this.#held += text;
    this.#scan(Math.max(0, this.#held.length - OVERLAP));
  }

  end(): void {
    this.#scan(this.#held.length);
    if (this.#packing?.isSure === true) this.found.add('unseen');
    this.#missed();
  }

  /** Object streams that came by, which packed objects stand in: names in them count as outside. */
  async unpack(signal: AbortSignal | undefined): Promise<void> {
    for (const { isSure, bytes } of this.#packed.splice(0)) {
      signal?.throwIfAborted();
      if (this.#left <= 0) return;
      const maxOutputLength = Math.min(MOST_ONE, this.#left);
      try {
        const objects = await promisify(inflate)(bytes, { maxOutputLength });
        this.#left -= objects.length;
        const text = objects.toString('latin1');
        for (const [, name] of text.matchAll(TOKEN)) if (name !== undefined) this.#note(decoded(name));
        this.#values(text);
      } catch (error) {
        // How far it came is not said: as far as it can have come.
        this.#left -= Math.min(maxOutputLength, bytes.length * MOST_RATIO);
        if (isSure || (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
          this.found.add('unseen');
      }
      if (this.#left <= 0) this.found.add('unseen');
    }
  }

  /** @param sure - where a token that begins before it is here to its end */
  #scan(sure: number): void {
    const text = this.#held;
    this.#values(text);
    let done = 0;
    for (const token of text.matchAll(TOKEN)) {
      if (token.index >= sure) break;
      const [whole, name, end, object] = token;
      if (name !== undefined)
        this.#name(decoded(name), text.slice(token.index + whole.length, token.index + OVERLAP));
      else if (object !== undefined) this.#missed();
      else {
        this.#keep(text.slice(done, token.index));
        done = token.index + whole.length;
        if (end === undefined) this.#begin();
        else this.#finish();
      }
    }
    this.#keep(text.slice(done, Math.max(done, sure)));
    this.#held = text.slice(Math.max(done, sure));
  }

  #values(text: string): void {
    for (const [look, act] of WITH_VALUE) if (!this.found.has(act) && look.test(text)) this.found.add(act);
  }

  /** @param behind - enough of what stands there */
  #name(name: string, behind: string): void {
    this.#note(name);
    if (PACKING.has(name)) this.#names.add(name);
    if (name !== 'Filter') return;
    const filters = FILTERS.exec(behind)?.[0];
    if (filters === undefined) this.#names.add(ELSEWHERE);
    else if (filters.lastIndexOf('/') > filters.indexOf('/')) this.#names.add(SEVERAL);
  }

  /** An object stream was named, and none began: it does in a way that readers let pass, and that is not known here. */
  #missed(): void {
    if (this.#names.delete('ObjStm')) this.found.add('unseen');
  }

  #note(name: string): void {
    const act = ACTS.get(name);
    if (act !== undefined) this.found.add(act);
  }

  #begin(): void {
    const names = this.#names;
    this.#names = new Set();
    // Some readers ask for its type, and some for what only an object stream has. An outline has that too, before any stream.
    const isSure = names.delete('ObjStm');
    // The one before did not end, or what began it was no stream but text.
    if (this.#packing?.isSure === true) this.found.add('unseen');
    if (!names.delete('First') && !isSure) return;
    const isFiltered = names.delete('Filter');
    const isElsewhere = names.has(ELSEWHERE) || (isFiltered && names.size === 0);
    const [filter, ...more] = names;
    // No tool that writes PDF packs its objects otherwise: what does has something to hide.
    if (isElsewhere) this.found.add('unseen');
    else if (more.length === 0 && (filter === undefined || filter === 'FlateDecode' || filter === 'Fl'))
      this.#packing = { isSure, filter, parts: [], length: 0 };
    else if (isSure) this.found.add('unseen');
  }

  #keep(text: string): void {
    const packing = this.#packing;
    if (packing === undefined) return;
    packing.length += text.length;
    if (packing.length > MOST_PACKED) {
      if (packing.isSure || packing.filter !== undefined) this.found.add('unseen');
      this.#packing = undefined;
    } else if (packing.filter !== undefined) packing.parts.push(text);
  }

  #finish(): void {
    const packing = this.#packing;
    this.#missed();
    this.#names = new Set();
    this.#packing = undefined;
    if (packing?.filter !== undefined)
      this.#packed.push({ isSure: packing.isSure, bytes: Buffer.from(packing.parts.join(''), 'latin1') });
  }
}

interface Packing {
  /** It says that it is one. */
  readonly isSure: boolean;
  readonly filter: string | undefined;
  readonly parts: string[];
  length: number;
}

/** Stands for a filter that is named by another object. */
const ELSEWHERE = 'elsewhere';
/** Stands for more than one filter, which may be the same one. */
const SEVERAL = 'several';
/** What says how a stream is packed. */
const PACKING = new Set([
  'ObjStm',
  'First',
  'Filter',
  'FlateDecode',
  'Fl',
  'LZWDecode',
  'LZW',
  'ASCIIHexDecode',
  'AHx',
  'ASCII85Decode',
  'A85',
  'RunLengthDecode',
  'RL',
  'DCTDecode',
  'JBIG2Decode',
  'JPXDecode',
  'CCITTFaxDecode',
  'BrotliDecode',
  'Crypt',
  'Predictor',
]);

/** A letter of a name may be written as its number (7.3.5). */
function decoded(name: string): string {
  if (!name.includes('#')) return name;
  return name.replaceAll(/#([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
