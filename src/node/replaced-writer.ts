/**
 * A handler that still writes an answer which was replaced sees a closed response: `write` returns false, and once the
 * layer's own answer is out its callbacks and its listeners for `error` get the error. Not before: a framework that
 * destroys the connection over that error would cut the layer's answer.
 */
import type { ServerResponse } from 'node:http';
import { overError } from '../core/over.ts';

type Told = (error: Error) => void;

const WAITING: unique symbol = Symbol('bulwark.waiting');

interface Replaced extends ServerResponse {
  [WAITING]?: Told[];
  /** What streams that end in this response go by (node:stream, `finished`). */
  writableErrored?: Error;
}

/** The layer's own listener for errors stands on every response. */
const OWN_LISTENERS = 1;

/** Has whatever waits for the end of this response learn that it was none of theirs. */
export function markReplaced(response: Replaced): void {
  response.writableErrored = overError('ERR_BULWARK_ANSWER_REPLACED');
}

/** Refuses a write. A source that is piped here stops, and is let go of once the response is closed. */
export function refuseWrite(response: Replaced, told: unknown): false {
  const waiting = response[WAITING];
  const callbacks = typeof told === 'function' ? [told as Told] : [];
  if (waiting !== undefined) waiting.push(...callbacks);
  else {
    response[WAITING] = callbacks;
    if (response.writableFinished || response.closed) process.nextTick(tellAll, response);
    else {
      // Before those who take the end of the response for the end of a good answer.
      response.prependOnceListener('finish', tellAllOfThis);
      response.prependOnceListener('close', tellAllOfThis);
    }
  }
  return false;
}

function tellAllOfThis(this: Replaced): void {
  tellAll(this);
}

function tellAll(response: Replaced): void {
  const waiting = response[WAITING];
  if (waiting === undefined) return;
  delete response[WAITING];
  const error = response.writableErrored ?? overError('ERR_BULWARK_ANSWER_REPLACED');
  for (const told of waiting) told(error);
  if (response.listenerCount('error') > OWN_LISTENERS) response.emit('error', error);
}
