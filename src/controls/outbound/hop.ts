/** One request to one address, with nothing of this process in it but what the caller gave. */
import { request as plainRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';

/** An answer whose body is not read yet. */
export type Answer = IncomingMessage;

/** What is asked. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
  readonly lookup: LookupFunction;
  readonly signal: AbortSignal;
}

/** Asks. */
export async function ask({ url, method, headers, body, lookup, signal }: Hop): Promise<Answer> {
  const options: RequestOptions = {
    method,
    lookup,
    signal,
    headers: { 'accept-encoding': CODINGS, ...Object.fromEntries(headers), connection: 'close' },
    // No agent: proxies of the environment, and connections that somebody else opened, are an agent's.
    agent: false,
    insecureHTTPParser: false,
    maxHeaderSize: MAX_HEAD,
  };
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
  const asking =
    url.protocol === 'https:'
      ? secureRequest(url, { ...options, rejectUnauthorized: true })
      : plainRequest(url, options);
  asking.on('response', resolve);
  // Also after the answer has begun: an answer that breaks off is told by its own stream.
  asking.on('error', reject);
  // Nobody asked for another protocol.
  asking.on('upgrade', (_answer, socket) => {
    socket.destroy();
    reject(new Error('The server changed the protocol.'));
  });
  asking.end(body);
  return await promise;
}

/** The codings that are asked for. */
const CODINGS = 'gzip, br';
const MAX_HEAD = 16_384;
