/** Requests that come by no wire: those of light-my-request, behind Fastify's `app.inject`. */
import type { IncomingMessage } from 'node:http';

interface Injected extends IncomingMessage {
  readonly isLightMyRequest?: boolean;
}

/**
 * Adds to an injected request what Node's own has and guards rely on: `complete` at the end of its body, and a socket
 * that can be closed. Any other request is left as it is.
 */
export function completeInjected(request: Injected): IncomingMessage {
  if (request.isLightMyRequest !== true || 'complete' in request) return request;
  const injected: Injected & { complete: boolean } = Object.assign(request, { complete: false });
  const push = injected.push.bind(injected);
  injected.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null) injected.complete = true;
    return push(chunk, encoding);
  };
  injected.socket.destroy = () => injected.socket;
  return injected;
}
