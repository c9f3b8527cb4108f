/** The names by which a PDF says what it does (ISO 32000-2, 12.6 and elsewhere), and where they stand in its bytes. */
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

/** Longer than a name, and than a short one with its value. */
export const OVERLAP = 192;

/**
 * Notes what is named in a part of a PDF. Most of a large one is packed and names nothing: it is passed over by the searches of
 * Node.js, and looked at as letters only where something may stand.
 *
 * @param sure - only what begins before it is looked at, since what begins behind it may not be here to its end
 */
export function findActs(bytes: Buffer, sure: number, found: Set<PdfAct>): void {
  const text = new LazyText(bytes);
  for (let at = slashFrom(bytes, 0); at < sure; at = slashFrom(bytes, at + 1)) {
    const first = bytes[at + 1] ?? 0;
    if (ENDS_NAME[first] === 1) continue;
    if (mayHaveValue(first, bytes[at + 2] ?? 0)) findValue(text.whole, at, found);
    findName(bytes, at, text, found);
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
const WITH_VALUE: readonly (readonly [look: RegExp, act: PdfAct])[] = [
  [/\/(?:X|#58)(?:F|#46)(?:A|#41)\s{0,9}(?:\[|\d{1,9}\s)/y, 'xfa'],
  [/\/(?:A|#41)(?:A|#41)\s{0,9}(?:<<|\d{1,9}\s{1,9}\d{1,5}\s{1,9}R)/y, 'on-open'],
  [/\/S\s{0,9}\/(?:Movie|Sound)[\s/>]/y, 'media'],
  [/\/Encrypt\s{0,9}(?:<<|\d{1,9}\s{1,9}\d{1,5}\s{1,9}R)/y, 'encrypted'],
];

/** Of names that begin with this byte, the lengths there are: a bit for each. */
const LENGTHS = new Uint32Array(256);
for (const name of ACTS.keys()) {
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

function findName(bytes: Buffer, slash: number, text: LazyText, found: Set<PdfAct>): void {
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
  const act = ACTS.get(decodedName(text.whole.slice(start, end)));
  if (act !== undefined) found.add(act);
}

function mayBeName(first: number, length: number): boolean {
  return length < 32 && ((LENGTHS[first] ?? 0) & (1 << length)) !== 0;
}

function findValue(text: string, slash: number, found: Set<PdfAct>): void {
  for (const [look, act] of WITH_VALUE) {
    if (found.has(act)) continue;
    look.lastIndex = slash;
    if (look.test(text)) found.add(act);
  }
}

/** The short names begin with /XF, /AA, /S and /En, or with a number in the place of a letter. */
function mayHaveValue(first: number, second: number): boolean {
  switch (first) {
    case 0x58: // X
      return second === 0x46 || second === NUMBER_SIGN;
    case 0x41: // A
      return second === 0x41 || second === NUMBER_SIGN;
    case 0x53: // S
      return second === SLASH || second <= 0x20 || second === 0xa0;
    case 0x45: // E
      return second === 0x6e;
    case NUMBER_SIGN:
      return second === 0x34 || second === 0x35;
    default:
      return false;
  }
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
