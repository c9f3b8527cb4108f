/** The one reader of small forms and of JSON: for the token of a form, the account that a limit counts by, a page of ours. */
import type { Body } from './body.ts';

/** More than any form has that a person fills in to sign in, or to be sent again. */
export const MOST_FORM_BYTES: number = 64 * 1024;

/** A body that was read whole, and is whole for the handler as well. */
export interface SmallBody {
  readonly kind: 'form' | 'json';
  readonly bytes: Buffer;
}

/** Why there is none: it is no form and no JSON in UTF-8, or larger than the limit (or its client went away). */
export type NoSmallBody = 'other' | 'too-large';

/** Reads a form or JSON of at most `limit` bytes. Of what is neither, nothing is read. */
export async function readSmallBody(
  body: Body,
  limit: number = MOST_FORM_BYTES,
): Promise<SmallBody | NoSmallBody> {
  const { kind } = body.declared;
  if (kind === 'other') return kind;
  const bytes = await body.peek(limit);
  return bytes === undefined ? 'too-large' : { kind, bytes };
}

/** One field of a urlencoded body. Undefined where the body is no such form, is too large, or names it not exactly once. */
export async function readFormField(body: Body, field: string, limit: number): Promise<string | undefined> {
  if (body.declared.kind !== 'form') return undefined;
  const read = await readSmallBody(body, limit);
  if (typeof read === 'string') return undefined;
  const values = new URLSearchParams(read.bytes.toString('utf8')).getAll(field);
  return values.length === 1 ? values[0] : undefined;
}
