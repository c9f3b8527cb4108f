/** Why an exchange is over before its handler is. */
import { BulwarkError } from './errors.ts';

/** The reasons, each with what a handler should make of it. */
const REASONS = {
  ERR_BULWARK_ANSWER_REPLACED:
    'the layer has answered in place of the handler, and what that still writes goes nowhere: stop, and let go of what it holds',
  ERR_BULWARK_CLIENT_GONE:
    'the client went away before it had its answer: stop, and let go of what is held for it',
  ERR_BULWARK_SESSION_OVER:
    'the session was ended while its request was being handled: stop, and keep nothing that was done in its name',
} as const;

/** The code of a reason. */
export type OverCode = keyof typeof REASONS;

/** The error that says so. */
export function overError(code: OverCode): BulwarkError {
  return new BulwarkError(code, REASONS[code]);
}
