/** The fields of a small form or of JSON, read from a body or from what the application made of it before. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { BulwarkError } from '../core/errors.ts';

/** What was sent. One of the two is empty. */
export interface SentFields {
  readonly form: URLSearchParams;
  readonly json: unknown;
}

/** Where a body is: still to come, or read by the application already. */
export type BodySource =
  | { readonly pieces: AsyncIterable<Uint8Array> }
  /** An object, fields, or the text and bytes themselves. */
  | { readonly parsed: unknown };

/** What is used of a request. */
export interface SendingRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** More than any form of an account has. */
export const MOST_FORM_BYTES: number = 64 * 1024;

const NOTHING: SentFields = { form: new URLSearchParams(), json: undefined };

/**
 * Reads the fields of a POST.
 *
 * @param open - asked for a POST only: what is not read stays whole
 * @throws BulwarkError ERR_BULWARK_BODY_TOO_LARGE over 64 KB
 */
export async function readFields(
  { method, headers }: SendingRequest,
  open: () => BodySource | Promise<BodySource>,
): Promise<SentFields> {
  if (method !== 'POST') return NOTHING;
  const source = await open();
  const body = 'pieces' in source ? await textOf(source.pieces) : asText(source.parsed);
  if (headers['content-type']?.startsWith('application/json') === true)
    return { form: NOTHING.form, json: typeof body === 'string' ? parseJson(body) : body };
  return { form: fieldsOf(body), json: undefined };
}

/** The body of a request of Node.js, which a parser of the application may have read. */
export function bodyOf(request: IncomingMessage & { readonly body?: unknown }): BodySource {
  return request.body === undefined ? { pieces: piecesOf(request) } : { parsed: request.body };
}

/** The pieces of a stream, which is left open where reading ends early: the answer goes out on the same connection. */
export function piecesOf(stream: Readable): AsyncIterable<Uint8Array> {
  return stream.iterator({ destroyOnReturn: false });
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.byteLength;
    if (size > MOST_FORM_BYTES)
      throw new BulwarkError('ERR_BULWARK_BODY_TOO_LARGE', 'A form here has at most 64 KB.');
    read.push(piece);
  }
  return Buffer.concat(read).toString('utf8');
}
