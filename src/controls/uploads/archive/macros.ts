/** How an Office file says that it has macros, which run as whoever opens it. */

/** What an Office file keeps its macros in: also those of Excel 4, which have no such part. */
export const MACRO_PART: RegExp = /(?:^|\/)(?:vbaproject\.bin|macrosheets\/[^/]+)$/i;

/** Whether an entry is the list of types of an Office file, which finds its parts by name without regard to case. */
export function isTypeList(name: string): boolean {
  return name.toLowerCase() === '[content_types].xml';
}

/** How it says so in its list of types. */
const MACRO_TYPE = /macroenabled|vbaproject|excel4macro|intlmacrosheet/i;

/**
 * Whether a list of types names macros, or could: no Office writes it with references, comments or a DTD, or in anything but UTF-8.
 * Each of these is a way to write a type so that only Office reads it.
 */
export function namesMacros(types: string): boolean {
  return MACRO_TYPE.test(types) || !PLAIN_START.test(types) || HIDING.test(types) || isRecoded(types);
}

const PLAIN_START = /^(?:\ufeff|\u00ef\u00bb\u00bf)?\s{0,99}</;
// oxlint-disable-next-line no-control-regex -- half of each letter of UTF-16 is one
const HIDING = /\u0000|&#|<!/;

function isRecoded(types: string): boolean {
  const said = /\bencoding\s{0,9}=\s{0,9}["']([^"']{0,40})/.exec(types.slice(0, 400))?.[1];
  return said !== undefined && !/^(?:utf-8|us-ascii)$/i.test(said);
}

/** The first bytes of a compound file, in which Office before 2007 keeps all, and later ones their macros. */
export const COMPOUND = '\u00d0\u00cf\u0011\u00e0';
/** What the folder of macros in one is called, as its directory has it. */
export const MACRO_FOLDER: Buffer = Buffer.from('_VBA_PROJECT', 'utf16le');
