/** The text of a file, where it is one. */
import { isAscii, isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A text, or why there is none. */
export type ReadText = { readonly text: string } | { readonly why: string };

/** Why a file that holds a NUL is none for people. */
export const BINARY = 'it is binary';

/** As Python's own (PEP 263): in the first two lines. */
const CODING = /^(?:.*\r?\n)?[ \t\f]*#.*?coding[:=][ \t]*(?<name>[-\w.]+)/;
const LATIN = /^(?:latin-?1|iso-?8859-?1|cp1252|windows-1252|ascii|us-ascii)$/i;

/** Of these, what is ASCII is itself. */
const WIDER =
  /^(?:iso-?8859-?\d+|latin-?\d+|cp125\d|windows-125\d|cp437|cp8[56]\d|cp93[26]|cp949|cp950|koi8-?[rtu]|euc-?\w+|gbk?|gb2312|gb18030|big5|shift[-_]?jis)$/i;

/**
 * Reads a file that is one: no link, whatever became of it since its folder was read, and no more than a bound.
 * At once, without a promise: a source file is small, and the run waits for nothing else.
 */
export function readText(path: string, most: number): ReadText {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const facts = fstatSync(file);
    if (!facts.isFile()) return { why: 'it is no file' };
    if (facts.size > most) return { why: `longer than ${most} bytes` };
    const bytes = roomFor(facts.size);
    let length = 0;
    while (length < facts.size) {
      const read = readSync(file, bytes, length, facts.size - length, length);
      if (read === 0) break;
      length += read;
    }
    return decode(bytes.subarray(0, length), path.endsWith('.py'));
  } catch (error) {
    return {
      why: `it could not be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`,
    };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** One for all files: a text is made of it before the next is read. A new one for each is memory that the system is not given back. */
let room: Buffer = Buffer.allocUnsafeSlow(256 * 1024);

function roomFor(length: number): Buffer {
  if (length > room.length) room = Buffer.allocUnsafeSlow(length * 2);
  return room;
}

function decode(bytes: Buffer, isPython: boolean): ReadText {
  if (bytes.includes(0)) return { why: BINARY };
  const isUnicode = isUtf8(bytes);
  const name =
    isPython || !isUnicode ? CODING.exec(bytes.toString('latin1', 0, 400))?.groups?.['name'] : undefined;
  if (name !== undefined && LATIN.test(name)) return { text: bytes.toString('latin1') };
  if (!isUnicode) return { why: 'it is no UTF-8' };
  // In UTF-7 a call is no word, and in others an escape ends a comment: what Python runs is not what stands there.
  if (
    name !== undefined &&
    !/^utf-?8\b/i.test(name.replaceAll('_', '-')) &&
    !(WIDER.test(name) && isAscii(bytes))
  )
    return { why: 'it says that it is in an encoding that is not read' };
  const text = bytes.toString('utf8');
  return { text: text.startsWith('\ufeff') ? text.slice(1) : text };
}
