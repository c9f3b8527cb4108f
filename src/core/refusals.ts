import { BulwarkError, type ErrorCode } from './errors.ts';

const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'ERR_BULWARK_FORBIDDEN',
  'ERR_BULWARK_INPUT',
  'ERR_BULWARK_SESSIONS_FULL',
]);

/** Whether what a handler threw is a no that a call of ours said and logged: no crash of the handler. */
export function isRefusalError(error: unknown): boolean {
  return error instanceof BulwarkError && REFUSALS.has(error.code);
}
