/** Who may call: how the policy says it, at a route and for functions of the server. */
import { isPlainObject, type OptionTable, readOptions, Unfit } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import { boolean, type Duration, duration, text } from '../../core/readers.ts';
import type { AccessRule } from '../../core/route-rules.ts';
import { nearest } from '../../core/nearest.ts';

/** Who may call a route. */
export interface AccessOptionsOfRoute {
  /** The account must have this role. */
  role?: string;
  /** A second factor must have been proved in this session. */
  mfa?: boolean;
  /** The sign-in or second factor must be at most this old. */
  fresh?: Duration;
  /** The session must be bound to its device, and the request come from there: `session: { deviceBound }`. */
  deviceBound?: boolean;
  /**
   * Opens the route to API tokens that have this scope, one of `apiTokens.scopes`. Whoever is signed in may call it too: a
   * person may do what their tokens may. Routes without a scope take no tokens.
   */
  scope?: string;
}

const DAY_MS = 86_400_000;

const ACCESS_TABLE: OptionTable<{
  role: string | undefined;
  mfa: boolean;
  fresh: number | undefined;
  deviceBound: boolean;
  scope: string | undefined;
}> = {
  role: {
    default: undefined,
    read: text(/^[\w:.-]{1,64}$/, 'the name of a role'),
    reason: 'Any role will do until one is named.',
    source: 'NIST RBAC (INCITS 359)',
    example: "require: { role: 'operator' }",
  },
  mfa: {
    default: false,
    read: boolean,
    reason: 'Asked for where the policy says so.',
    source: 'ASVS v5.0.0-6.3.3',
    example: 'require: { mfa: true }',
  },
  fresh: {
    default: undefined,
    read: duration(1000, 30 * DAY_MS),
    reason: 'Asked for where the policy says so.',
    source: 'ASVS v5.0.0-7.5.3',
    example: "require: { fresh: '15m' }",
  },
  deviceBound: {
    default: false,
    read: boolean,
    reason: 'Most browsers cannot, and would be shut out.',
    source: 'W3C Device Bound Session Credentials (draft)',
    example: 'require: { deviceBound: true }',
  },
  scope: {
    default: undefined,
    read: text(/^[\w:.-]{1,64}$/, 'the name of a scope'),
    reason: 'A token opens what the policy names, and nothing else.',
    source: 'ASVS v5.0.0-8.2.1; RFC 6750 3.1',
    example: "require: { scope: 'files:read' }",
  },
};

/** Reads `'anyone'`, `'signed-in'` or an object. */
export function readRequire(value: unknown, path: string, problems: Problems): 'anyone' | AccessRule {
  if (value === 'anyone') return 'anyone';
  if (value === 'signed-in') return {};
  if (!isPlainObject(value)) {
    const reason = "it must be 'anyone', 'signed-in' or an object such as { role: 'operator' }.";
    // Both: a role that is written as a text wants more than a sign-in.
    const fix = "require: 'signed-in'   or: require: { role: 'operator' }";
    problems.refuse('ERR_BULWARK_INVALID_OPTION', path, reason, fix);
    return {};
  }
  for (const [name, given] of Object.entries(value)) {
    // Such as a role from a variable that is not set: it would quietly let in everyone who is signed in.
    if (given === undefined) throw new Unfit(`an object whose \`${name}\` has a value`, true);
  }
  const { role, mfa, fresh, deviceBound, scope } = readOptions(path, ACCESS_TABLE, value, problems);
  return {
    ...(role !== undefined && { roles: [role] }),
    ...(mfa && { mfa }),
    ...(fresh !== undefined && { freshMs: fresh }),
    ...(deviceBound && { deviceBound }),
    ...(scope !== undefined && { scopes: [scope] }),
  };
}

/** A scope that no token can have opens its route to none, and nobody would see why. */
export function checkScope(
  path: string,
  require: 'anyone' | AccessRule | undefined,
  scopes: readonly string[],
  problems: Problems,
): void {
  const [scope] = (typeof require === 'object' ? require.scopes : undefined) ?? [];
  if (scope === undefined || scopes.includes(scope)) return;
  const guess = nearest(scope, scopes);
  problems.refuse(
    'ERR_BULWARK_INVALID_OPTION',
    `${path}.scope`,
    'no token can have this scope: it is not among `apiTokens.scopes`.',
    guess === undefined ? `apiTokens: { scopes: ['${scope}'] }` : `did you mean ${guess}?`,
  );
}
