/** Two rules that both hold. */
import type { AccessRule } from '../../core/route-rules.ts';

/** Both: each role, each scope, the second factor of either, the device of either, the shorter freshness. */
export function addRules(a: AccessRule, b: AccessRule): AccessRule {
  const roles = union(a.roles, b.roles);
  const scopes = union(a.scopes, b.scopes);
  const freshMs = Math.min(a.freshMs ?? Infinity, b.freshMs ?? Infinity);
  return {
    ...(roles !== undefined && { roles }),
    ...((a.mfa === true || b.mfa === true) && { mfa: true }),
    ...(freshMs !== Infinity && { freshMs }),
    ...((a.deviceBound === true || b.deviceBound === true) && { deviceBound: true }),
    ...(scopes !== undefined && { scopes }),
  };
}

function union(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): readonly string[] | undefined {
  return a === undefined ? b : b === undefined ? a : [...new Set([...a, ...b])];
}
