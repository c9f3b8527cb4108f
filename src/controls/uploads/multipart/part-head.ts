/** The head of one part of a form. */
import { isUtf8 } from 'node:buffer';
import { MultipartFault } from './multipart-fault.ts';

/** What a part is. */
export interface PartHead {
  /** The name of the field. */
  readonly name: string;
  /** The name of the file as the browser has it, empty where none was chosen; undefined for what is no file. */
  readonly filename: string | undefined;
  /** The Content-Type that the client claims, in lower case; undefined where there is none. */
  readonly type: string | undefined;
}

/**
 * Reads a head: lines that end with CRLF, `Content-Disposition` once, and beside it at most `Content-Type` and what changes
 * nothing.
 *
 * @param head - without the empty line
 * @throws MultipartFault `head`, `disposition` or `name`
 */
export function readPartHead(head: Buffer): PartHead {
  if (!isUtf8(head)) throw new MultipartFault('name');
  const lines = new Map<string, string>();
  for (const line of head.toString().split('\r\n')) {
    const match = LINE.exec(line);
    const name = match?.[1]?.toLowerCase() ?? '';
    const value = match?.[2] ?? '';
    if (match === null || lines.has(name) || TAKEN[name]?.test(value) !== true)
      throw new MultipartFault('head');
    lines.set(name, value);
  }
  const { name, filename } = readDisposition(lines.get('content-disposition') ?? '');
  const type = lines.get('content-type')?.toLowerCase();
  if (type !== undefined && !isTypeOf(type, filename)) throw new MultipartFault('type');
  return { name, filename, type };
}

/**
 * A form in a form is read by few. Bytes that are no file are a file to busboy, nothing to multer and a field to others;
 * a charset is heeded by Werkzeug alone.
 */
function isTypeOf(type: string, filename: string | undefined): boolean {
  if (type.startsWith('multipart/')) return false;
  if (filename !== undefined) return true;
  const charset = CHARSET.exec(type)?.[1] ?? 'utf-8';
  return !type.startsWith('application/octet-stream') && (charset === 'utf-8' || charset === 'us-ascii');
}

const CHARSET = /; ?charset="?([^";]*)/;

// No blank before the colon, no folded line, no control.
const LINE = /^([A-Za-z-]+): ?([^\p{Cc}]+)$/u;
/**
 * What a part may say of itself. A length is what some clients add, and nobody reads; a transfer coding that changes bytes
 * is undone by half of all readers (RFC 7578, 4.7).
 */
const TAKEN: Readonly<Record<string, RegExp>> = {
  'content-disposition': /^/,
  'content-type':
    /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?:; ?[\w!#$&^.+-]{1,64}=(?:[\w!#$&^.+-]{1,64}|"[\w!#$&^.+ -]{0,64}")){0,4}$/,
  'content-transfer-encoding': /^(?:7bit|8bit|binary)$/i,
  'content-length': /^\d{1,15}$/,
};

function readDisposition(value: string): Pick<PartHead, 'name' | 'filename'> {
  const match = DISPOSITION.exec(value);
  if (match === null) throw new MultipartFault('disposition');
  const [, name = '', filename] = match;
  // Django cuts blanks off a name.
  if (name === '' || name !== name.trim() || ESCAPED.test(name)) throw new MultipartFault('name');
  return {
    name: checked(name, LONGEST_NAME),
    filename: filename === undefined ? undefined : unescaped(checked(filename, LONGEST_PATH)),
  };
}

const DISPOSITION = /^form-data; name="([^"]*)"(?:; filename="([^"]*)")?$/i;

/** What browsers write in place of a quote and of line breaks. Half of all readers leave it so: of a field, that is another name. */
const ESCAPED = /%(?:22|0D|0A)/i;

/** The name of a file as the browser has it: three characters are escaped and no others (WHATWG HTML, 4.10.21.8). */
function unescaped(name: string): string {
  return name.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n');
}

/** A backslash is an escape to some readers and a letter to others. */
function checked(name: string, longest: number): string {
  if (name.length > longest || name.includes('\\')) throw new MultipartFault('name');
  return name;
}

/** Of a field. What frameworks make of nested objects is shorter. */
const LONGEST_NAME = 255;
/** Of a file, with the folders that a browser sends along where a whole folder was chosen. */
const LONGEST_PATH = 1024;
