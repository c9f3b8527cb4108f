/** The fields of a small form or of JSON, read from a request or from what a parser of the application made of it. */
import type { IncomingMessage } from 'node:http';
import { BulwarkError } from '../core/errors.ts';

/** What was sent. One of the two is empty. */
export interface SentFields {
  readonly form: URLSearchParams;
  readonly json: unknown;
}

interface WithBody extends IncomingMessage {
  /** Where a parser of the application was here before, the stream is read already. */
  readonly body?: unknown;
}

const MOST_BYTES = 64 * 1024;

/**
 * Reads the fields of a POST.
 *
 * @throws BulwarkError ERR_BULWARK_BODY_TOO_LARGE over 64 KB
 */
export async function readFields(request: WithBody): Promise<SentFields> {
  const isJson = request.headers['content-type']?.startsWith('application/json') ?? false;
  const text = request.method === 'POST' && request.body === undefined ? await textOf(request) : '';
  return {
    form: isJson ? new URLSearchParams() : fieldsOf(request.body, text),
    json: isJson ? (request.body ?? parseJson(text)) : undefined,
  };
}

function fieldsOf(parsed: unknown, text: string): URLSearchParams {
  const fields = new URLSearchParams(text);
  if (typeof parsed !== 'object' || parsed === null) return fields;
  // Arrays and objects, for `email[]=` and `email=a&email=b`, are no values of a field.
  for (const [name, value] of Object.entries(parsed))
    if (typeof value === 'string') fields.append(name, value);
  return fields;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.byteLength;
    if (size > MOST_BYTES)
      throw new BulwarkError('ERR_BULWARK_BODY_TOO_LARGE', 'A form here has at most 64 KB.');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
