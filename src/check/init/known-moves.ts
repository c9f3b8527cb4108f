/** The packages whose place the policy takes, and what of their options it has words for. */
import { parseRate, showRate } from '../../core/rate.ts';
import { meet, parseRoutePattern } from '../../policy/route-pattern.ts';
import { constantOf } from './certain.ts';
import type { Moved } from './moved.ts';
import { HELMET } from './move-helmet.ts';
import { isNamedTwice, type MiddlewareMove, type Mount, type Stay } from './move-middleware.ts';
import { routeLines, sectionLines } from './paste-lines.ts';
import { PRODUCT, product } from './product.ts';
import type { Argument, ModuleFacts } from './read-module.ts';
import { shownPath } from './shown-path.ts';

const csurf: MiddlewareMove = {
  name: 'csurf',
  // Where its own cookie was, or was not, is no matter: the token is bound to the session here.
  take(options, _mounts, moved) {
    if (options !== undefined && options.kind !== 'ObjectExpression') return NO_OBJECT;
    // What reads the token from elsewhere, or passes over methods, is a decision that a person looks at.
    const other = options?.entries.find(({ name }) => !/^(?:cookie|sessionKey)$/.test(name));
    if (other !== undefined)
      return { why: `the policy has no word for its ${shownPath(other.name)}`, lines: [] };
    moved.held.add('csrf');
    return undefined;
  },
  lines: [
    'bulwark.of(req).csrfToken // in the place of req.csrfToken()',
    '// Every form is held by the policy already: docs/guides/leaving/csurf.md',
  ],
};

/** Options of express-rate-limit that are words for a limit, or for what is sent with it here anyway. */
const OF_LIMITS = /^(?:windowMs|max|limit|standardHeaders|legacyHeaders|message)$/;

const rateLimit: MiddlewareMove = {
  name: 'express-rate-limit',
  exported: 'rateLimit',
  take(options, mounts, moved) {
    if (options !== undefined && options.kind !== 'ObjectExpression') return NO_OBJECT;
    const other = options?.entries.find(({ name }) => !OF_LIMITS.test(name));
    if (other !== undefined)
      return { why: `the policy has no word for its ${shownPath(other.name)}`, lines: [] };
    if (isSaidTwice(options)) return { why: 'it says two numbers for one limit', lines: [] };
    const rate = rateOf(options);
    if (rate === undefined || rate.includes('$'))
      return { why: 'its numbers are worked out while it runs', lines: [] };
    const [mount, ...more] = mounts;
    // One that is mounted twice counts both places together, which two lines of the policy do not.
    if (more.length > 0)
      return {
        why: `it counts ${mounts.length} places together, and lines of a policy count each`,
        lines: [],
      };
    if (mount?.isWhole !== true) return { why: 'its router may stand below any path', lines: [] };
    moved.held.add('rateLimit');
    return takeLimit(mount, rate, moved);
  },
  linesOf(options, patterns, _part, module) {
    const rate = options === undefined || options.kind === 'ObjectExpression' ? rateOf(options) : undefined;
    if (rate === undefined) return [];
    const quoted = rate.includes('$') ? `\`${rate}\`` : `'${rate}'`;
    const routes = new Set(patterns.filter((pattern) => pattern !== undefined).map(shownPath));
    return [
      ...definitionOf(rate, module),
      ...(patterns.includes(undefined)
        ? sectionLines(new Map([['rateLimit', [`perClient: ${quoted}`]]]))
        : []),
      ...([...routes].some((pattern) => /\*|:/.test(pattern)) ? [NARROWEST] : []),
      ...routeLines([...routes].map((pattern) => `'${pattern}': { limit: ${quoted} }`)),
    ];
  },
  lines: [
    "routes: { 'POST /path': { limit: '5/minute' } } of the policy: docs/guides/leaving/express-rate-limit.md",
  ],
};

/** Or a line that is copied would be none where a sign-in has its own. */
const NARROWEST =
  '// Take out each narrower line that it covers, or make that no higher: of lines for one request the narrowest alone counts.';

const NO_OBJECT: Stay = { why: 'its options stand elsewhere', lines: [] };

/** Which of two holds is a matter of the version. */
function isSaidTwice(options: Argument | undefined): boolean {
  return (
    options?.entries.some(({ name }) => name === 'max') === true &&
    options.entries.some(({ name }) => name === 'limit')
  );
}

/** `NAME`, `config.name`, `NAME * 5`: what a line of the policy may say as it is. */
const WORKED_OUT = /^[A-Za-z_][\w.]*(?:\s*\*\s*\d+)?$/;

/** Such as `5/minute`; with `${name}` where a file works it out; undefined where nothing can be said. */
function rateOf(options: Argument | undefined): string | undefined {
  const given = (...names: readonly string[]): string | undefined =>
    options?.entries.find(({ name }) => names.includes(name))?.value?.text;
  const isSaid = (...names: readonly string[]): boolean =>
    options?.entries.some(({ name }) => names.includes(name)) === true;
  const time = isSaid('windowMs') ? (given('windowMs') ?? '') : '60000';
  const count = isSaid('max', 'limit') ? (given('max', 'limit') ?? '') : '5';
  if (isSaidTwice(options) || isNamedTwice(options)) return undefined;
  if (!PRODUCT.test(time)) return undefined;
  const isKnown = PRODUCT.test(count);
  if (!isKnown && !WORKED_OUT.test(count)) return undefined;
  const rate = parseRate(`${isKnown ? product(count) : 1}/${product(time) / 1000}s`);
  if (rate === undefined) return undefined;
  return isKnown ? showRate(rate) : showRate(rate).replace(/^1(?=\/)/, `\${${count}}`);
}

/** A number that is read from the environment, and nothing else that a file may say. */
const OF_ENVIRONMENT =
  /^(?:(?:Number\.)?parseInt\(process\.env\.\w+(?:, ?10)?\)|Number\(process\.env\.\w+\))(?: (?:\|\||\?\?) \d+)?$/;

/** What a name in a rate stands for: the policy is a file of its own. */
function definitionOf(rate: string, module: ModuleFacts): readonly string[] {
  const name = /\$\{([A-Za-z_]\w*)(?: ?\*[^}]*)?\}/.exec(rate)?.[1];
  const value = name === undefined ? undefined : constantOf(module, name);
  const text = value === undefined ? '' : module.text.slice(value.from, value.to);
  return OF_ENVIRONMENT.test(text) ? [`const ${name} = ${text}; // above the policy`] : [];
}

function takeLimit({ pattern }: Mount, rate: string, moved: Moved): Stay | undefined {
  const twice = { why: 'another one stands in the same place', lines: [] };
  if (pattern === undefined) {
    if (moved.sections.length > 0) return twice;
    moved.sections.push(`rateLimit: { perClient: '${rate}' },`);
    return undefined;
  }
  if (moved.routes.has(pattern)) return twice;
  const own = parseRoutePattern(pattern);
  if (own === undefined) return { why: 'its path is no pattern of the policy', lines: [] };
  for (const other of moved.routes.keys()) {
    const before = parseRoutePattern(other);
    if (before === undefined || !meet(own, before)) continue;
    return {
      why: `both it and the one of '${other}' count some requests, and of lines the narrowest alone does`,
      lines: [],
    };
  }
  moved.routes.set(pattern, `limit: '${rate}'`);
  return undefined;
}

/** By the name of the package. express-session has a reader of its own. */
export const MIDDLEWARE_MOVES: readonly MiddlewareMove[] = [HELMET, csurf, rateLimit];
