/** The fields of a small form or of JSON, by the reader that guards read with, or of what the application read before. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { parseJson } from '../../core/parse-json.ts';
import type { Body } from '../../core/body.ts';
import { BulwarkError } from '../../core/errors.ts';
import { MOST_FORM_BYTES, readSmallBody } from '../../core/small-body.ts';

/** What was sent. One of the two is empty. */
export interface SentFields {
  readonly form: URLSearchParams;
  readonly json: unknown;
}

/** A body that somebody before the pages has in hand. */
export type HandedBody =
  /** A stream that was made of it. */
  | { readonly pieces: AsyncIterable<Uint8Array> }
  /** An object, fields, or the text and bytes themselves. */
  | { readonly parsed: unknown };

const NOTHING: SentFields = { form: new URLSearchParams(), json: undefined };

/**
 * Reads the fields of a POST.
 *
 * @param handed - asked for a POST only: what the application has made of the body, if it has
 * @throws BulwarkError ERR_BULWARK_BODY_TOO_LARGE over 64 KB
 * @throws BulwarkError ERR_BULWARK_BODY_READ where somebody has read it, and has nothing to hand on
 */
export async function readFields(
  method: string | undefined,
  body: Body,
  handed: () => HandedBody | undefined | Promise<HandedBody | undefined>,
): Promise<SentFields> {
  if (method !== 'POST') return NOTHING;
  const found = await handed();
  if (found === undefined) return await readUnread(body);
  const content = 'pieces' in found ? await textOf(found.pieces) : asText(found.parsed);
  if (isJson(body)) return jsonOf(content);
  return { form: fieldsOf(content), json: undefined };
}

/** What a parser of the application, or a function's runtime, has left on a request of Node.js. */
export function bodyOf(request: IncomingMessage & { readonly body?: unknown }): HandedBody | undefined {
  return request.body === undefined ? undefined : { parsed: request.body };
}

/** The pieces of a stream, which is left open where reading ends early: the answer goes out on the same connection. */
export function piecesOf(stream: Readable): AsyncIterable<Uint8Array> {
  return stream.iterator({ destroyOnReturn: false });
}

async function readUnread(body: Body): Promise<SentFields> {
  const read = await readSmallBody(body);
  if (read === 'other') return NOTHING;
  if (read === 'too-large') throw tooLarge();
  const text = read.bytes.toString('utf8');
  return read.kind === 'json' ? jsonOf(text) : { form: fieldsOf(text), json: undefined };
}

/** Of a body that a parser has unfolded, its type alone counts. */
function isJson({ declared }: Body): boolean {
  return declared.type?.startsWith('application/json') === true;
}

/** A parser of raw bodies leaves text or bytes. */
function asText(parsed: unknown): unknown {
  return parsed instanceof Uint8Array ? Buffer.from(parsed).toString('utf8') : parsed;
}

function fieldsOf(body: unknown): URLSearchParams {
  if (typeof body === 'string') return new URLSearchParams(body);
  if (body instanceof URLSearchParams) return body;
  const fields = new URLSearchParams();
  if (typeof body !== 'object' || body === null) return fields;
  // Arrays and objects, for `email[]=` and `email=a&email=b`, are no values of a field.
  for (const [name, value] of Object.entries(body)) if (typeof value === 'string') fields.append(name, value);
  return fields;
}

function jsonOf(body: unknown): SentFields {
  return { form: NOTHING.form, json: typeof body === 'string' ? sentJson(body) : body };
}

function sentJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.byteLength;
    if (size > MOST_FORM_BYTES) throw tooLarge();
    read.push(piece);
  }
  return Buffer.concat(read).toString('utf8');
}

function tooLarge(): BulwarkError {
  return new BulwarkError('ERR_BULWARK_BODY_TOO_LARGE', 'A form here has at most 64 KB.');
}
