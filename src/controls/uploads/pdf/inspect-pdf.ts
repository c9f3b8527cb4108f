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

/** What a PDF does, by name; empty where it does nothing. */
export async function inspectPdf(file: WholeFile): Promise<readonly PdfAct[]> {
  const look = new Look();
  for await (const piece of file.read(0, file.size)) {
    look.take(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1'));
    await look.unpack();
  }
  look.end();
  await look.unpack();
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

/** A name, or where a stream begins or ends. */
const TOKEN = /\/([^\0\t\n\f\r ()<>[\]{}/%]{2,120})|(endstream)|stream(?:\r\n|\n|\r)/g;
/** Longer than a token, with the value of a short one. */
const OVERLAP = 192;
/** What is packed and unpacked of object streams at most: a book of a thousand pages has less. */
const MOST_PACKED = 8 * 1024 ** 2;
const MOST_ONE = 32 * 1024 ** 2;
const MOST_ALL = 128 * 1024 ** 2;

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
  }

  /** Object streams that came by, which packed objects stand in: names in them count as outside. */
  async unpack(): Promise<void> {
    for (const { isSure, bytes } of this.#packed.splice(0)) {
      try {
        const objects = await promisify(inflate)(bytes, {
          maxOutputLength: Math.max(1, Math.min(MOST_ONE, this.#left)),
        });
        this.#left -= objects.length;
        const text = objects.toString('latin1');
        for (const [, name] of text.matchAll(TOKEN)) if (name !== undefined) this.#note(decoded(name));
        this.#values(text);
      } catch {
        if (isSure) this.found.add('unseen');
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
      const [whole, name, end] = token;
      if (name !== undefined) this.#name(decoded(name));
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

  #name(name: string): void {
    this.#note(name);
    if (PACKING.has(name)) this.#names.add(name);
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
    if (!names.delete('First') && !isSure) return;
    const [filter, ...more] = names;
    // No tool that writes PDF packs its objects otherwise: what does has something to hide.
    if (more.length === 0 && (filter === undefined || filter === 'FlateDecode' || filter === 'Fl'))
      this.#packing = { isSure, filter, parts: [], length: 0 };
    else if (isSure) this.found.add('unseen');
  }

  #keep(text: string): void {
    const packing = this.#packing;
    if (packing === undefined) return;
    packing.length += text.length;
    if (packing.length > MOST_PACKED) {
      if (packing.isSure) this.found.add('unseen');
      this.#packing = undefined;
    } else if (packing.filter !== undefined) packing.parts.push(text);
  }

  #finish(): void {
    const packing = this.#packing;
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

/** What says how a stream is packed. */
const PACKING = new Set([
  'ObjStm',
  'First',
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
