/** What callers are told where an address gave no answer, or not all of one. */
import { BulwarkError } from '../../core/errors.ts';

/** What comes of an answer that is too large: as it comes, and where its head says so already. */
export function tooLarge(): BulwarkError {
  return new BulwarkError('ERR_BULWARK_OUTBOUND_LIMIT', 'The answer is larger than outbound.size allows.');
}

/** No answer, or none that can be read. */
export function noAnswer(message: string, cause?: unknown): BulwarkError {
  return new BulwarkError('ERR_BULWARK_OUTBOUND_FAILED', message, { cause });
}

/** The error of a request or an answer that broke off, in words of ours. */
export function failure(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof BulwarkError) return error;
  if (!signal.aborted)
    return noAnswer('The address did not answer, or not in HTTP, or not to the end.', error);
  const reason: unknown = signal.reason;
  // What the caller called off is theirs to name.
  if (!(reason instanceof DOMException) || reason.name !== 'TimeoutError') return reason;
  return new BulwarkError('ERR_BULWARK_OUTBOUND_LIMIT', 'It took longer than outbound.timeout allows.', {
    cause: error,
  });
}
