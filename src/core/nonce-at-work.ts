/** The nonce of the page that is being made, for what stands in a framework and is handed no request. */
import { currentPlace } from './current-place.ts';
import type { ErrorCode } from './errors.ts';

/** Undefined where no request is at work, as in a build, or its answer is out. */
export function nonceAtWork(): string | undefined {
  const atWork = currentPlace.storage?.getStore();
  if (atWork === undefined || atWork.isOver()) return undefined;
  return (atWork.view as { readonly nonce: string }).nonce;
}

/** Says how a call is written. Without the class of such errors itself, which would bring the layer into the pages. */
export function miscalled(line: string): Error {
  const code: ErrorCode = 'ERR_BULWARK_INVALID_ARGUMENT';
  return Object.assign(new Error(`it was given something else: write ${line}`), {
    name: 'BulwarkError',
    code,
  });
}
