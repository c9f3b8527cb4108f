/**
 * Text fields of a multipart form in the one grammar that browsers write (RFC 7578, and HTML, 4.10.21.8). Anything else is not
 * read: parsers disagree about it.
 */
import type { Field } from './fields.ts';

const TYPE =
  /^multipart\/form-data;[ \t]*boundary=(?:"([\w'()+,./:=? -]{0,69}[\w'()+,./:=?-])"|([\w'+.-]{1,70}))$/i;
const DISPOSITION = /^content-disposition: form-data; name="([^"\r\n\\]*)"(; filename="[^"\r\n\\]*")?$/i;
const PART_TYPE = /^content-type: ([^\r\n]{1,200})$/i;
const ESCAPES: Readonly<Record<string, string>> = { '%22': '"', '%0D': '\r', '%0A': '\n' };

/** The fields of a form by its Content-Type. Files are there by name. Undefined: it is no such form, or not in that grammar. */
export function readMultipart(type: string, text: string): readonly Field[] | undefined {
  const match = TYPE.exec(type);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) return undefined;
  const start = `--${boundary}\r\n`;
  const end = `\r\n--${boundary}--`;
  const last = text.endsWith('\r\n') ? text.slice(0, -2) : text;
  if (!last.startsWith(start) || !last.endsWith(end)) return undefined;
  const parts = last.slice(start.length, -end.length).split(`\r\n--${boundary}`);
  const fields: Field[] = [];
  for (const [index, part] of parts.entries()) {
    // Behind each boundary but the first, which was cut off with its line end.
    const isLine = index === 0 || part.startsWith('\r\n');
    const field = isLine ? readPart(index === 0 ? part : part.slice(2)) : undefined;
    if (field === undefined) return undefined;
    fields.push(field);
  }
  return fields;
}

function readPart(part: string): Field | undefined {
  const end = part.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const lines = part.slice(0, end).split('\r\n');
  const [, name, file] = DISPOSITION.exec(lines[0] ?? '') ?? [];
  if (name === undefined || lines.length > 2) return undefined;
  const type = lines[1];
  if (type !== undefined && !PART_TYPE.test(type)) return undefined;
  // A field with a charset of its own is no text that everyone reads alike.
  const isText = file === undefined && type === undefined;
  return {
    name: name.replaceAll(/%22|%0D|%0A/gi, unescape),
    value: isText ? part.slice(end + 4) : undefined,
  };
}

function unescape(escaped: string): string {
  return ESCAPES[escaped.toUpperCase()] ?? escaped;
}
