/** Requests that come by no wire: those of `app.inject` and `app.injectWS` in Fastify's tests. */
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What stands in for Node's request: of light-my-request, or a bare object with method, URL and headers. */
interface Injected {
  readonly isLightMyRequest?: boolean;
  headers: Record<string, unknown>;
  rawHeaders?: string[];
  socket?: Pick<Socket, 'destroy' | 'remoteAddress'>;
  complete?: boolean;
  push?: IncomingMessage['push'];
}

/** Adds to an injected request what Node's own has and guards rely on. Any other request is left as it is. */
export function completeInjected(request: IncomingMessage): IncomingMessage {
  if (request instanceof IncomingMessage) return request;
  const injected = request as unknown as Injected;
  if (injected.complete !== undefined) return request;
  completeBody(injected);
  injected.socket ??= { remoteAddress: '127.0.0.1', destroy: doNothing };
  injected.socket.destroy = doNothing;
  if (injected.rawHeaders === undefined) {
    const lines = Object.entries(injected.headers).map(([name, value]) => [name, String(value)] as const);
    injected.headers = Object.fromEntries(lines);
    injected.rawHeaders = lines.flat();
  }
  return request;
}

/** Node.js says at the end of a body that it is `complete`. A bare object has none. */
function completeBody(injected: Injected): void {
  injected.complete = injected.push === undefined;
  const push = injected.push?.bind(injected);
  if (push === undefined) return;
  injected.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null) injected.complete = true;
    return push(chunk, encoding);
  };
}

function doNothing(this: Socket): Socket {
  return this;
}
