/** What is answered while nothing can be written to the log, where the policy wants no change without its record (NIST AU-5). */
import type { AuditLog } from '../audit/audit.ts';
import { RETRY_AFTER_SECONDS } from '../core/errors.ts';
import type { RequestFacts } from '../core/exchange.ts';
import { PROBLEMS } from '../core/problem-types.ts';
import type { Refusal } from '../core/verdict.ts';

/** The answer. It has no event: there is nowhere to write it, and standard error has said why. */
export const UNLOGGED: Refusal = {
  ...PROBLEMS.unavailable,
  detail: 'Nothing can be changed here at the moment. Try again in a few seconds.',
  headers: [['Retry-After', RETRY_AFTER_SECONDS]],
};

/** Whether a request would change something that no log had: any but a safe one (RFC 9110 9.2.1), and every upgrade. */
export function isUnlogged(audit: AuditLog, { method, headers }: RequestFacts): boolean {
  if (audit.file?.isFailing !== true) return false;
  return !(method === 'GET' || method === 'HEAD' || method === 'OPTIONS') || headers['upgrade'] !== undefined;
}
