/** What a handler finds around its request: who is at work, and the nonce where its framework looks for it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { currentPlace } from '../core/current-place.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Layer } from '../layer/layer.ts';
import { attachedView } from '../layer/view.ts';

/** The way to the handler, with what has to be there when it begins. Where nothing of this is wanted, the way itself. */
export function handingOn(
  layer: Layer,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): () => void {
  const { handedOn } = layer;
  if (currentPlace.storage === undefined && handedOn === undefined) return next;
  return () => {
    if (handedOn?.nonce === true) giveNonce(request, exchange.nonce);
    if (handedOn?.scheme === true) request.headers['x-forwarded-proto'] = exchange.secure ? 'https' : 'http';
    runAtWork(request, () => response.writableFinished || response.destroyed, next);
  };
}

/**
 * Runs what answers a request, so that `current()` finds it.
 *
 * @param isOver - whether the answer is out
 */
export function runAtWork<Result>(request: object, isOver: () => boolean, next: () => Result): Result {
  const { storage } = currentPlace;
  const view = attachedView(request);
  return storage === undefined || view === undefined ? next() : storage.run({ view, isOver }, next);
}

/**
 * Next.js puts the nonce that a policy on the request names into all script that it writes. What a client sends there would be
 * put into the page, and into a cache with it.
 */
function giveNonce({ headers }: IncomingMessage, nonce: string): void {
  headers['content-security-policy'] = `script-src 'nonce-${nonce}'`;
  delete headers['content-security-policy-report-only'];
}
