/** The names by which a PDF says what it does (ISO 32000-2, 12.6 and elsewhere), and where they stand in its bytes. */
import { SHORT, ShortNames } from './short-names.ts';
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

/** Longer than a name. */
export const OVERLAP = 192;

/**
 * Notes what is named in a PDF. Most of a large one is packed and names nothing: it is passed over by the searches of Node.js, and
 * looked at as letters only where something may stand.
 */
export class ActFinder {
  readonly #found: Set<PdfAct>;
  readonly #short = new ShortNames();
  /** How far the values of short names were looked at, in what is here. */
  #at = 0;

  constructor(found: Set<PdfAct>) {
    this.#found = found;
  }

  /**
   * What came next.
   *
   * @param sure - only names that begin before it are looked at, since those behind it may not be here to their ends: what comes
   *   next begins there
   */
  take(bytes: Buffer, sure: number): void {
    const text = new LazyText(bytes);
    for (let at = slashFrom(bytes, 0); at < sure; at = slashFrom(bytes, at + 1)) {
      if (ENDS_NAME[bytes[at + 1] ?? 0] === 1) continue;
      this.#name(bytes, at, text);
    }
    this.#values(bytes, Math.max(sure, this.#at));
    this.#at -= sure;
  }

  #name(bytes: Buffer, slash: number, text: LazyText): void {
    const start = slash + 1;
    const most = Math.min(bytes.length, start + LONGEST_NAME);
    let end = start;
    let isSpelled = false;
    for (; end < most; end += 1) {
      const byte = bytes[end] ?? 0;
      if (ENDS_NAME[byte] === 1) break;
      if (byte === NUMBER_SIGN) isSpelled = true;
    }
    if (!isSpelled && !mayBeName(bytes[start] ?? 0, end - start)) return;
    const name = decodedName(text.whole.slice(start, end));
    const act = ACTS.get(name);
    if (act !== undefined) this.#found.add(act);
    const short = SHORT_NAMES.get(name);
    const isMedia = MEDIA.has(name);
    if (short === undefined && !isMedia) return;
    this.#values(bytes, slash);
    if (isMedia && (this.#short.awaited & SHORT.subtype) !== 0) this.#found.add('media');
    if (short === undefined) return;
    // Another one waits still, where this one stands in a comment behind it.
    this.#values(bytes, end);
    this.#short.begin(short);
  }

  /** Looks for values up to there. */
  #values(bytes: Buffer, to: number): void {
    const found = this.#short.take(bytes, this.#at, to);
    this.#at = to;
    if (found === 0) return;
    for (const [short, act] of SHORT_ACTS) if ((found & short) !== 0) this.#found.add(act);
  }
}

/** As they are found anywhere: long enough that pixels are not taken for one. */
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
const SHORT_NAMES: ReadonlyMap<string, number> = new Map([
  ['XFA', SHORT.xfa],
  ['AA', SHORT.additional],
  ['S', SHORT.subtype],
  ['Encrypt', SHORT.encrypt],
]);
const SHORT_ACTS: readonly (readonly [short: number, act: PdfAct])[] = [
  [SHORT.xfa, 'xfa'],
  [SHORT.additional, 'on-open'],
  [SHORT.encrypt, 'encrypted'],
];
/** What an action is: by themselves these are names of much else. */
const MEDIA: ReadonlySet<string> = new Set(['Movie', 'Sound']);

/** Of names that begin with this byte, the lengths there are: a bit for each. */
const LENGTHS = new Uint32Array(256);
for (const name of [...ACTS.keys(), ...SHORT_NAMES.keys(), ...MEDIA]) {
  const first = name.charCodeAt(0);
  LENGTHS[first] = (LENGTHS[first] ?? 0) | (1 << name.length);
}

const SLASH = 0x2f;
const NUMBER_SIGN = 0x23;
const LONGEST_NAME = 120;
/** In the open part of a PDF the next one is near, and a search that is asked for costs more than a look. */
const NEAR = 24;
/** Bytes that end a name (7.2.3). */
const ENDS_NAME = new Uint8Array(256);
for (const sign of '\0\t\n\f\r ()<>[]{}/%') ENDS_NAME[sign.charCodeAt(0)] = 1;

function slashFrom(bytes: Buffer, at: number): number {
  const near = Math.min(at + NEAR, bytes.length);
  for (let place = at; place < near; place += 1) if (bytes[place] === SLASH) return place;
  const found = bytes.indexOf(SLASH, near);
  return found === -1 ? bytes.length : found;
}

function mayBeName(first: number, length: number): boolean {
  return length < 32 && ((LENGTHS[first] ?? 0) & (1 << length)) !== 0;
}

/** Bytes as letters: made where one of them counts, and once. */
class LazyText {
  readonly #bytes: Buffer;
  #text: string | undefined;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get whole(): string {
    return (this.#text ??= this.#bytes.toString('latin1'));
  }
}
