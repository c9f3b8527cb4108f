/** Bodies that end before they are whole, since more of them is not taken. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BulwarkError } from '../core/errors.ts';
import type { Refusal } from '../core/verdict.ts';
import { cutBody, failBody } from './request-body.ts';
import { refuseAtWork } from './response.ts';

/**
 * Answers for a body, and ends it.
 *
 * @param error - what its reader gets in place of the end
 */
export function endBody(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  error: BulwarkError,
): void {
  const refused = refuseAtWork(response, refusal);
  // The answer goes out first; only then does the handler that waits for the body learn that there is none.
  if (refused || (response.writableEnded && !response.writableFinished))
    response.once('close', () => failBody(request, error));
  else if (response.writableFinished) failBody(request, error);
  else cutBody(request, error);
}
