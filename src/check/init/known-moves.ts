/** The packages whose place the policy takes, and what of their options it has words for. */
import { parseRate, showRate } from '../../core/rate.ts';
import { parseRoutePattern } from '../../policy/route-pattern.ts';
import type { Moved } from './moved.ts';
import { isWholeSite, type MiddlewareMove, type Mount } from './move-middleware.ts';
import { PRODUCT, product } from './product.ts';
import type { Argument } from './read-module.ts';

/** Options of helmet that ask for what is the default here: nothing is to be written for them. */
const SAME: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['crossOriginEmbedderPolicy', new Set(['false'])],
  ['originAgentCluster', new Set(['true'])],
  ['xContentTypeOptions', new Set(['true'])],
  ['noSniff', new Set(['true'])],
  ['xPoweredBy', new Set(['true', 'false'])],
  ['hidePoweredBy', new Set(['true'])],
  ['xDownloadOptions', new Set(['true', 'false'])],
  ['ieNoOpen', new Set(['true', 'false'])],
  ['xXssProtection', new Set(['true', 'false'])],
  ['xssFilter', new Set(['true', 'false'])],
  ['xDnsPrefetchControl', new Set(['true', 'false'])],
  ['dnsPrefetchControl', new Set(['true'])],
]);

/** What helmet sends, as far as it differs from what is sent here: an application that ran with it runs with it still. */
const HELMET_CSP: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", 'https:', "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'https:', 'data:'],
};
/** Tighter here, and nothing that a page of its own would notice. */
const TIGHTER = /^(?:base-uri|object-src|frame-ancestors|script-src-attr|upgrade-insecure-requests)$/;
const SOURCE =
  /^(?:'self'|'none'|'unsafe-inline'|(?:data|blob|https):|(?:https?:\/\/)?(?:\*\.)?[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/[\w./-]*)?)$/;

const helmet: MiddlewareMove = {
  name: 'helmet',
  take(options, mounts, moved) {
    // Below a path, for one route or for a router, it was not the whole site's; and of two no one can be that of all.
    if (!isWholeSite(mounts) || moved.held.has('csp')) return false;
    if (options !== undefined && options.kind !== 'ObjectExpression') return false;
    let directives = HELMET_CSP;
    for (const { name, value } of options?.entries ?? []) {
      if (value === undefined) return false;
      if (SAME.get(name)?.has(value.text) === true) continue;
      const given = name === 'contentSecurityPolicy' ? readCsp(value) : undefined;
      if (given === undefined) return false;
      directives = given;
    }
    for (const section of ['headers', 'csp']) moved.held.add(section);
    const lines = Object.entries(directives).map(
      ([name, sources]) =>
        `      '${name}': [${sources.map((source) => JSON.stringify(source)).join(', ')}],\n`,
    );
    moved.sections.push(
      `// As it was. Scripts by a nonce are next: take these lines away one at a time (docs/guides/csp.md).\n  csp: {\n    trustedTypes: false,\n    directives: {\n${lines.join('')}    },\n  },`,
    );
    return true;
  },
  lines: ['headers: { ... } and csp: { ... } of the policy: docs/guides/leaving/helmet.md'],
};

/** Directives of helmet by their names here; undefined where one would let in what nobody should write for another. */
function readCsp({ entries, kind }: Argument): Readonly<Record<string, readonly string[]>> | undefined {
  if (kind !== 'ObjectExpression') return undefined;
  let base = HELMET_CSP;
  const own: Record<string, readonly string[]> = {};
  for (const { name, value } of entries) {
    if (name === 'useDefaults' && /^(?:true|false)$/.test(value?.text ?? '')) {
      if (value?.text === 'false') base = {};
      continue;
    }
    if (name !== 'directives' || value?.kind !== 'ObjectExpression') return undefined;
    for (const one of value.entries) {
      const directive = one.name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      const sources = sourcesOf(one.value?.text ?? '');
      if (sources === undefined || !/^[a-z-]+$/.test(directive)) return undefined;
      if (TIGHTER.test(directive)) continue;
      if (/^(?:default|script|worker)/.test(directive) && sources.includes("'unsafe-inline'"))
        return undefined;
      own[directive] = sources;
    }
  }
  return { ...base, ...own };
}

/** Of a list of texts alone. */
function sourcesOf(text: string): readonly string[] | undefined {
  const inside = /^\[([^[\]]*)\]$/.exec(text)?.[1];
  if (inside === undefined) return undefined;
  if (inside.trim() === '') return [];
  const sources = inside
    .replace(/,\s*$/, '')
    .split(',')
    .map((part) => /^\s*(?:"([^"]*)"|'([^']*)')\s*$/.exec(part))
    .map((part) => part?.[1] ?? part?.[2]);
  return sources.every((source): source is string => source !== undefined && SOURCE.test(source))
    ? sources
    : undefined;
}

const csurf: MiddlewareMove = {
  name: 'csurf',
  // Where its own cookie was, or was not, is no matter: the token is bound to the session here.
  take(options, _mounts, moved) {
    if (options !== undefined && options.kind !== 'ObjectExpression') return false;
    // What reads the token from elsewhere, or passes over methods, is a decision that a person looks at.
    if (options?.entries.some(({ name }) => !/^(?:cookie|sessionKey)$/.test(name)) === true) return false;
    moved.held.add('csrf');
    return true;
  },
  lines: ['every form is held by the policy already: docs/guides/leaving/csurf.md'],
};

/** Options of express-rate-limit that are words for a limit, or for what is sent with it here anyway. */
const OF_LIMITS = /^(?:windowMs|max|limit|standardHeaders|legacyHeaders|message)$/;

const rateLimit: MiddlewareMove = {
  name: 'express-rate-limit',
  exported: 'rateLimit',
  take(options, mounts, moved) {
    if (options !== undefined && options.kind !== 'ObjectExpression') return false;
    const entries = options?.entries ?? [];
    if (entries.some(({ name }) => !OF_LIMITS.test(name))) return false;
    const given = (...names: readonly string[]): number | undefined => {
      const entry = entries.find(({ name }) => names.includes(name));
      if (entry === undefined) return undefined;
      return PRODUCT.test(entry.value?.text ?? '') ? product(entry.value?.text ?? '') : Number.NaN;
    };
    const [ms, count] = [given('windowMs') ?? 60_000, given('max', 'limit') ?? 5];
    const rate = parseRate(`${count}/${ms / 1000}s`);
    // One that is mounted twice counts both places together, which two lines of the policy do not.
    const [mount, ...more] = mounts;
    if (rate === undefined || mount?.isWhole !== true || more.length > 0) return false;
    moved.held.add('rateLimit');
    return takeLimit(mount, showRate(rate), moved);
  },
  lines: [
    "routes: { 'POST /path': { limit: '5/minute' } } of the policy: docs/guides/leaving/express-rate-limit.md",
  ],
};

function takeLimit({ pattern }: Mount, rate: string, moved: Moved): boolean {
  if (pattern === undefined) {
    if (moved.sections.length > 0) return false;
    moved.sections.push(`rateLimit: { perClient: '${rate}' },`);
    return true;
  }
  if (moved.routes.has(pattern) || parseRoutePattern(pattern) === undefined) return false;
  moved.routes.set(pattern, `limit: '${rate}'`);
  return true;
}

/** By the name of the package. express-session has a reader of its own. */
export const MIDDLEWARE_MOVES: readonly MiddlewareMove[] = [helmet, csurf, rateLimit];
