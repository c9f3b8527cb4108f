import { type Exchange, header } from './exchange.ts';

/** What a body is, by its Content-Type. `other`: nothing that a field can be read from. */
export type BodyKind = 'form' | 'json' | 'other';

/** The kind of a request's body. A charset other than UTF-8 makes it `other`: two readings of one body are a way in. */
export function bodyKind(exchange: Exchange): BodyKind {
  const type = header(exchange.request, 'content-type');
  const encoding = header(exchange.request, 'content-encoding');
  if (type === undefined || (encoding !== undefined && encoding !== 'identity')) return 'other';
  const match = /^([\w.+/-]+)[ \t]*(?:;[ \t]*charset="?([\w-]+)"?)?$/i.exec(type.trim());
  const charset = match?.[2]?.toLowerCase() ?? 'utf-8';
  if (charset !== 'utf-8') return 'other';
  const media = match?.[1]?.toLowerCase();
  if (media === 'application/x-www-form-urlencoded') return 'form';
  return media === 'application/json' ? 'json' : 'other';
}

/**
 * One field of a urlencoded body, which stays whole for the handler. Undefined where the body is no such form, is
 * larger than `limit` bytes, or names the field not exactly once.
 */
export async function readFormField(
  exchange: Exchange,
  field: string,
  limit: number,
): Promise<string | undefined> {
  if (bodyKind(exchange) !== 'form') return undefined;
  const body = await exchange.peekBody(limit);
  return body === undefined ? undefined : oneValue(body, field);
}

/** The value of a field that a urlencoded body names exactly once. */
export function oneValue(body: Buffer, field: string): string | undefined {
  const values = new URLSearchParams(body.toString('utf8')).getAll(field);
  return values.length === 1 ? values[0] : undefined;
}
