import type { IncomingMessage, ServerResponse } from 'node:http';

const CONTINUE: unique symbol = Symbol('bulwark.continue');

interface Expecting extends IncomingMessage {
  [CONTINUE]?: () => void;
}

/**
 * Notes that the client waits for `100 Continue` before it sends the body. It is told once the guards let the request
 * pass, or once one of them must see the body: not before, so that a refused upload is never sent.
 */
export function expectContinue(request: IncomingMessage, response: ServerResponse): void {
  (request as Expecting)[CONTINUE] = () => response.writeContinue();
}

/** Sends `100 Continue` to a client that waits for it, once. */
export function tellToContinue(request: IncomingMessage): void {
  continuationOf(request)?.();
}

/** Takes over the one call that tells the client to send the body: afterwards only the caller can make it. */
export function continuationOf(request: Expecting): (() => void) | undefined {
  const tell = request[CONTINUE];
  if (tell !== undefined) delete request[CONTINUE];
  return tell;
}
