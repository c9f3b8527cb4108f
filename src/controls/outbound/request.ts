/** What is sent, and what of it goes on to where an answer leads. */
import type { OutboundInit } from './outbound.ts';

/** A request that is about to be made. */
export interface Asked {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
}

/** Of the connection, which is not the caller's to describe; and what would send the request to another host. */
const NOT_OURS = [
  'host', 'connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding',
  'upgrade', 'expect', 'content-length',
]; // prettier-ignore
/** All that another origin gets of what was meant for the first: keys come in headers of any name. */
const FOR_ANYONE = new Set(['accept', 'accept-language', 'user-agent']);

/** The headers of a request, without those of its connection. */
export function headersOf(given: OutboundInit['headers'], body: OutboundInit['body']): Headers {
  const headers = new Headers(given);
  for (const name of NOT_OURS) headers.delete(name);
  if (body instanceof URLSearchParams && !headers.has('content-type'))
    headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
  return headers;
}

/** The bytes of a body. */
export function bodyOf(body: OutboundInit['body']): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  return Buffer.from(String(body));
}

/**
 * The request that a redirect asks for (Fetch Standard, 4.4), or why it is not made.
 *
 * @param status - of the answer that leads on
 */
export function afterRedirect(asked: Asked, url: URL, status: number): Asked | string {
  if (asked.url.protocol === 'https:' && url.protocol === 'http:') return 'it leads from https to http';
  const isSame = url.origin === asked.url.origin;
  const isGet = status === 303 ? asked.method !== 'HEAD' : status < 303 && asked.method === 'POST';
  const method = isGet ? 'GET' : asked.method;
  const body = isGet ? undefined : asked.body;
  // It was written for somebody else.
  if (body !== undefined && !isSame) return 'it leads to another origin with the body that was for the first';
  const headers = new Headers();
  for (const [name, value] of asked.headers) {
    const goes = isSame ? !(isGet && name.startsWith('content-')) : FOR_ANYONE.has(name);
    if (goes) headers.set(name, value);
  }
  return { url, method, headers, body };
}
