/** The policy's `routes`: what single routes ask for beyond the defaults. */
import { type OptionTable, readOptions, Unfit, isPlainObject } from '../core/options.ts';
import type { Problems } from '../core/problems.ts';
import { parseRate, type Rate, type RateText, showRate } from '../core/rate.ts';
import {
  boolean,
  type Duration,
  duration,
  listOf,
  oneOf,
  optional,
  type Size,
  size,
  text,
} from '../core/readers.ts';
import type { AccessRule, LimitSubject, RouteRules } from '../core/route-rules.ts';
import { nearest } from '../core/nearest.ts';
import { parseRoutePattern, type Route, type RoutePattern, RouteTable } from './route-table.ts';

/** What one route asks for. */
export interface RouteOptions {
  /** Who may call it. Default: anyone. */
  require?: 'anyone' | 'signed-in' | AccessOptionsOfRoute;
  /** A limit of its own, such as `'5/minute'`, beside the general one. Exact over all processes that share the state. */
  limit?: RateText;
  /** What the limit counts by. Default `['client']`. With both, either one refuses. */
  by?: readonly LimitSubject[];
  /** The body field that names the account, for `by: ['account']`. Default `'email'`. */
  accountField?: string;
  /** Takes a body of this size instead of the general limit. */
  bodyLimit?: Size;
  /** Answers over plain http too, for probes that reach the process directly. */
  insecureHttp?: boolean;
  /** Leaves the application's own error bodies as they are. */
  ownErrors?: boolean;
}

/** Who may call a route. */
export interface AccessOptionsOfRoute {
  /** The account must have this role. */
  role?: string;
  /** A second factor must have been proved in this session. */
  mfa?: boolean;
  /** The sign-in or second factor must be at most this old. */
  fresh?: Duration;
  /**
   * Opens the route to API tokens that have this scope, one of `apiTokens.scopes`. Whoever is signed in may call it too: a
   * person may do what their tokens may. Routes without a scope take no tokens.
   */
  scope?: string;
}

interface RouteSettings {
  readonly require: RouteRules['require'];
  readonly limit: Rate | undefined;
  readonly by: readonly LimitSubject[];
  readonly accountField: string;
  readonly bodyLimit: number | undefined;
  readonly insecureHttp: boolean;
  readonly ownErrors: boolean;
}

/** Methods that reach an application (RFC 9110 9, RFC 5789). HEAD follows GET. */
export const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const DAY_MS = 86_400_000;
const GB = 1024 ** 3;

/** The defaults of a route and why. */
export const routeOptions: OptionTable<RouteSettings> = {
  require: {
    default: undefined,
    shown: "'anyone'",
    read: readRequire,
    reason: 'Pages for the public are the common case; what needs a sign-in says so in one place.',
    source: 'ASVS v5.0.0-8.2.1',
    example: "'/notes/**': { require: 'signed-in' }",
  },
  limit: {
    default: undefined,
    shown: 'none of its own',
    read: (value) => {
      const rate = typeof value === 'string' ? parseRate(value) : undefined;
      if (rate === undefined) throw new Unfit("a rate such as '5/minute' or '100/1h'");
      return rate;
    },
    reason: 'The general limit holds everywhere; sign-in and what is dear needs a tighter one.',
    source: 'ASVS v5.0.0-6.3.1',
    example: "'POST /login': { limit: '5/minute', by: ['client', 'account'] }",
  },
  by: {
    default: ['client'],
    read: listOf(oneOf('client', 'account'), "a list of 'client' and 'account'"),
    reason: 'An account is named only on sign-in and its like.',
    source: 'OWASP Authentication Cheat Sheet',
    example: "'POST /login': { limit: '5/minute', by: ['client', 'account'] }",
  },
  accountField: {
    default: 'email',
    read: text(/^[\w.-]{1,64}$/, "the name of a form field, such as 'email'"),
    reason: 'The name most sign-in forms use.',
    source: 'WHATWG HTML, autofill field names',
    example: "'POST /login': { limit: '5/minute', by: ['account'], accountField: 'username' }",
  },
  bodyLimit: {
    default: undefined,
    shown: 'body.limit',
    read: optional(size(1, 10 * GB)),
    reason: 'One size for all until a route needs more, or less.',
    source: 'CWE-770',
    example: "'POST /files': { bodyLimit: '50MB' }",
  },
  insecureHttp: {
    default: false,
    read: boolean,
    reason: 'Only a probe that reaches the process past the proxy needs plain http.',
    source: 'RFC 6797 7.2',
    example: "'GET /healthz': { insecureHttp: true }",
  },
  ownErrors: {
    default: false,
    read: boolean,
    reason:
      'Error bodies of frameworks show stacks and paths; a route that writes its own good ones says so.',
    source: 'ASVS v5.0.0-16.5.1',
    example: "'/api/**': { ownErrors: true }",
  },
};

const ACCESS_TABLE: OptionTable<{
  role: string | undefined;
  mfa: boolean;
  fresh: number | undefined;
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
  scope: {
    default: undefined,
    read: text(/^[\w:.-]{1,64}$/, 'the name of a scope'),
    reason: 'A token opens what the policy names, and nothing else.',
    source: 'ASVS v5.0.0-8.2.1; RFC 6750 3.1',
    example: "require: { scope: 'files:read' }",
  },
};

/**
 * Reads the `routes` of a policy and compiles them.
 *
 * @param scopes - the scopes of API tokens that there are
 */
export function readRoutes(input: unknown, problems: Problems, scopes: readonly string[] = []): RouteTable {
  if (input === undefined) return new RouteTable([]);
  if (!isPlainObject(input)) {
    const example = "routes: { '/notes/**': { require: 'signed-in' } }";
    problems.refuse('ERR_BULWARK_INVALID_OPTION', 'routes', 'it must be an object of patterns.', example);
    return new RouteTable([]);
  }
  const routes: Route[] = [];
  for (const [key, value] of Object.entries(input)) {
    const pattern = parseRoutePattern(key);
    if (pattern === undefined) refusePattern(key, problems);
    else {
      checkMethods(key, pattern, problems);
      const rules = readRules(key, value, problems);
      checkScope(key, rules.require, scopes, problems);
      routes.push({ pattern, rules });
    }
  }
  return new RouteTable(routes);
}

function readRules(key: string, value: unknown, problems: Problems): RouteRules {
  const path = `routes['${key}']`;
  const settings = readOptions(path, routeOptions, value, problems);
  if (settings.limit === undefined && settings.by !== routeOptions.by.default) {
    const reason = '`by` says what a limit counts by, and there is no `limit`: nothing would be limited.';
    problems.refuse('ERR_BULWARK_INVALID_OPTION', `${path}.by`, reason, routeOptions.limit.example);
  }
  const { require, limit, by, accountField, bodyLimit, insecureHttp, ownErrors } = settings;
  // Only what the route says: a key that is absent leaves a wider pattern's in force.
  return {
    ...(require !== undefined && { require }),
    ...(limit !== undefined && { limit: { rate: limit, by, accountField, id: `${key} ${showRate(limit)}` } }),
    ...(bodyLimit !== undefined && { bodyLimit }),
    ...(given(value, 'insecureHttp') && { insecureHttp }),
    ...(given(value, 'ownErrors') && { ownErrors }),
  };
}

function readRequire(value: unknown, path: string, problems: Problems): RouteRules['require'] {
  if (value === 'anyone') return 'anyone';
  if (value === 'signed-in') return {};
  if (!isPlainObject(value))
    throw new Unfit("'anyone', 'signed-in' or an object such as { role: 'operator' }");
  for (const [name, given] of Object.entries(value)) {
    // Such as a role from a variable that is not set: it would quietly let in everyone who is signed in.
    if (given === undefined) throw new Unfit(`an object whose \`${name}\` has a value`, true);
  }
  const { role, mfa, fresh, scope } = readOptions(path, ACCESS_TABLE, value, problems);
  const rule: AccessRule = {
    ...(role !== undefined && { role }),
    ...(mfa && { mfa }),
    ...(fresh !== undefined && { freshMs: fresh }),
    ...(scope !== undefined && { scope }),
  };
  return rule;
}

/** A scope that no token can have opens its route to none, and nobody would see why. */
function checkScope(
  key: string,
  require: RouteRules['require'],
  scopes: readonly string[],
  problems: Problems,
): void {
  const scope = typeof require === 'object' ? require.scope : undefined;
  if (scope === undefined || scopes.includes(scope)) return;
  const guess = nearest(scope, scopes);
  problems.refuse(
    'ERR_BULWARK_INVALID_OPTION',
    `routes['${key}'].require.scope`,
    'no token can have this scope: it is not among `apiTokens.scopes`.',
    guess === undefined ? `apiTokens: { scopes: ['${scope}'] }` : `did you mean ${guess}?`,
  );
}

/** A method that never comes is a rule that never holds. */
function checkMethods(key: string, pattern: RoutePattern, problems: Problems): void {
  for (const method of pattern.methods ?? []) {
    if (METHODS.includes(method)) continue;
    const guess = method === 'HEAD' ? 'GET' : nearest(method, METHODS);
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      `routes['${key}']`,
      method === 'HEAD'
        ? 'HEAD follows the rules of GET.'
        : `there is no method ${method}, so its rules would never hold.`,
      guess === undefined ? `one of ${METHODS.join(', ')}` : `did you mean ${guess}?`,
    );
  }
}

function refusePattern(key: string, problems: Problems): void {
  problems.refuse(
    'ERR_BULWARK_INVALID_OPTION',
    `routes['${key}']`,
    'it is no route pattern, so it would never match and its rules would never hold.',
    "'/path', '/path/:name', '/path/**' or 'POST /path', segments in plain characters, `**` only at the end",
  );
}

function given(value: unknown, key: string): boolean {
  return isPlainObject(value) && value[key] !== undefined;
}
