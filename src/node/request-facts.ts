import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { RequestFacts } from '../core/exchange.ts';
import { peerOf } from './peer.ts';

/** The facts of a request as Node.js parsed it. */
export function requestFacts(request: IncomingMessage): RequestFacts {
  const { socket } = request;
  return {
    method: request.method ?? '',
    target: targetOf(request),
    httpVersion: request.httpVersion,
    rawHeaders: request.rawHeaders,
    headers: request.headers,
    peer: peerOf(socket),
    encrypted: (socket as Partial<TLSSocket>).encrypted === true,
  };
}

// Express strips the mount path off `url` and keeps the whole of it here.
function targetOf(request: IncomingMessage & { originalUrl?: string }): string {
  return request.originalUrl ?? request.url ?? '';
}
