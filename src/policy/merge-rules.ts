/** What several patterns say of one request, as one. */
import { addRules } from '../controls/access/add-rules.ts';
import type { RouteRules } from '../core/route-rules.ts';

/** A pattern that matched. */
export interface MatchedRules {
  readonly rules: RouteRules;
  /** Whether the path stands there letter by letter as the pattern writes it. */
  readonly exact: boolean;
}

/**
 * Merges from the widest pattern to the narrowest, key by key, the narrower one winning; what `require` asks for adds up.
 *
 * A router that minds case, escapes or slashes hands `/users/d%65mo` to another route than `/users/demo`: what a pattern
 * opens or widens holds for the path letter by letter only, what it closes or narrows for every spelling.
 *
 * @param bodyLimit - bytes that any other route takes: more is wider
 */
export function mergeRules(matched: readonly MatchedRules[], bodyLimit: number): RouteRules {
  let merged: RouteRules = {};
  for (const { rules, exact } of matched) {
    const pages = mergePages(merged, rules, exact);
    merged = exact ? { ...merged, ...rules } : { ...merged, ...narrowed(merged, rules, bodyLimit) };
    merged = { ...merged, ...pages };
  }
  let require: RouteRules['require'];
  for (const { rules, exact } of matched) require = addRequire(require, rules.require, exact);
  const limits = limitsOf(matched);
  const [limit, ...furtherLimits] = limits;
  const { require: _require, limit: _limit, ...rest } = merged;
  return {
    ...rest,
    ...(require !== undefined && { require }),
    ...(limit !== undefined && { limit }),
    ...(furtherLimits.length > 0 && { furtherLimits }),
  };
}

/**
 * What pages say of themselves, directive by directive and header by header. Of another spelling both hold, the policy of the
 * rest and that of the route: what the route opens it does not have, and what it closes it has.
 */
function mergePages(merged: RouteRules, { csp, headers }: RouteRules, exact: boolean): RouteRules {
  return {
    ...(csp !== undefined && {
      csp: {
        ...merged.csp,
        ...csp,
        directives: { ...merged.csp?.directives, ...csp.directives },
        ...(!exact && { beside: true, trustedTypes: true }),
      },
    }),
    ...(headers !== undefined && {
      headers: exact
        ? {
            ...merged.headers,
            ...headers,
            ...(headers.permissionsPolicy !== undefined && {
              permissionsPolicy: { ...merged.headers?.permissionsPolicy, ...headers.permissionsPolicy },
            }),
          }
        : {},
    }),
  };
}

/** Whether rules give anything that must not be given to another spelling of their path. */
export function canWiden({
  require,
  limit,
  bodyLimit,
  insecureHttp,
  anyHost,
  ownErrors,
  anyJson,
  download,
  private: isPrivate,
  anyForm,
  upload,
  cors,
  csp,
  headers,
  isolate,
  prefetch,
  accept,
}: RouteRules): boolean {
  return (
    require === 'anyone' ||
    require?.scopes !== undefined ||
    limit !== undefined ||
    bodyLimit !== undefined ||
    insecureHttp === true ||
    anyHost === true ||
    ownErrors === true ||
    anyJson === true ||
    download === false ||
    isPrivate === false ||
    anyForm === true ||
    upload !== undefined ||
    cors !== undefined ||
    csp !== undefined ||
    headers !== undefined ||
    isolate === false ||
    prefetch === true ||
    accept !== undefined
  );
}

/** Of what a pattern says that may widen: the part that does not. */
function narrowed(present: RouteRules, rules: RouteRules, bodyLimit: number): RouteRules {
  const { insecureHttp, anyHost, ownErrors, anyJson, anyForm, upload, download, private: isPrivate } = rules;
  const size = Math.min(present.bodyLimit ?? bodyLimit, rules.bodyLimit ?? Infinity);
  return {
    ...(rules.bodyLimit !== undefined && size < (present.bodyLimit ?? bodyLimit) && { bodyLimit: size }),
    ...(insecureHttp === false && { insecureHttp }),
    ...(anyHost === false && { anyHost }),
    ...(ownErrors === false && { ownErrors }),
    ...(anyJson === false && { anyJson }),
    ...(download === true && { download }),
    ...(isPrivate === true && { private: isPrivate }),
    ...(anyForm === false && { anyForm }),
    // Which of two is the tighter one cannot be said: the wider pattern's stays.
    ...(upload !== undefined && present.upload === undefined && { upload }),
    ...(rules.webhook !== undefined && { webhook: rules.webhook }),
    ...(rules.isolate === true && { isolate: true }),
    ...(rules.prefetch === false && { prefetch: false }),
    // Nobody else reads what is answered under another spelling: which of two lists is the shorter one depends on the origin.
    ...(rules.cors !== undefined && { cors: { ...rules.cors, origins: [] } }),
  };
}

/** The narrowest first. A limit that may be the higher one stands beside the wider, and does not replace it. */
function limitsOf(matched: readonly MatchedRules[]): readonly NonNullable<RouteRules['limit']>[] {
  let limits: NonNullable<RouteRules['limit']>[] = [];
  for (const { rules, exact } of matched) {
    if (rules.limit === undefined) continue;
    limits = exact ? [rules.limit] : [rules.limit, ...limits];
  }
  return limits;
}

/** Only `'anyone'` opens what a wider pattern closed. A scope opens too: to programs, where no wider pattern names one. */
function addRequire(
  wide: RouteRules['require'],
  narrow: RouteRules['require'],
  exact: boolean,
): RouteRules['require'] {
  if (narrow === undefined) return wide;
  if (narrow === 'anyone') return exact ? narrow : wide;
  const base = typeof wide === 'object' ? wide : undefined;
  const takesTokens = exact || base?.scopes !== undefined;
  const { scopes: _scopes, ...withoutScopes } = narrow;
  return addRules(base ?? {}, takesTokens ? narrow : withoutScopes);
}
