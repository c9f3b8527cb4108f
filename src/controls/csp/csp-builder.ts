/** From directives to what is sent: string pieces around the nonce, so that a response costs one concatenation. */
import { type Directives, NONCE } from './csp-grammar.ts';
import { isOpenToAll } from './public-hosts.ts';

/** A policy ready to send: what stands before, between and after the places of the nonce. */
export type CompiledPolicy = readonly string[];

/** What pages are sent where the policy says nothing. Nothing is allowed but what is named. */
export const PAGE_DIRECTIVES: Directives = {
  'default-src': ["'none'"],
  'script-src': [NONCE, "'strict-dynamic'"],
  'style-src': ["'self'", NONCE],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'object-src': ["'none'"],
  'frame-ancestors': ["'none'"],
};

const NONE: readonly string[] = ["'none'"];

/**
 * The policy of a script's answer, for the case that the script is a worker's. A worker may load what its pages may. It has no elements, so
 * that no nonce, hash or `'strict-dynamic'` means anything there: it imports scripts from this site, or from hosts that the
 * pages name.
 */
export function workerDirectives(page: Directives): Directives {
  const directives: Record<string, readonly string[]> = { 'default-src': NONE };
  for (const [name, sources] of Object.entries(page)) {
    if (FETCHED_BY_WORKERS.has(name)) directives[name] = inWorker(name, sources);
  }
  return { ...directives, ...closed(page) };
}

/** What audio and video are sent: opened alone they load themselves, under their own policy. */
export function mediaDirectives(page: Directives): Directives {
  const listed = (page['media-src'] ?? []).filter((source) => source !== "'none'" && source !== "'self'");
  return { 'default-src': NONE, 'media-src': ["'self'", ...listed], ...closed(page) };
}

/**
 * What everything else is sent. A JSON answer, an image, an upload opened on its own runs nothing, loads
 * nothing and sends nothing; who may frame a page may frame a document.
 */
export function strictDirectives(page: Directives): Directives {
  return { 'default-src': NONE, ...closed(page) };
}

/** What holds where an answer that is no page is opened as one. */
function closed(page: Directives): Directives {
  return { 'frame-ancestors': page['frame-ancestors'] ?? NONE, 'base-uri': NONE, 'form-action': NONE };
}

const FETCHED_BY_WORKERS = new Set([
  'default-src',
  'script-src',
  'script-src-elem',
  'style-src',
  'img-src',
  'font-src',
  'connect-src',
  'media-src',
  'worker-src',
  'child-src',
  'upgrade-insecure-requests',
]);

function inWorker(name: string, sources: readonly string[]): readonly string[] {
  if (name === 'upgrade-insecure-requests') return sources;
  // Beside these, browsers ignore hosts and schemes in a page: one that opens everything must not count here.
  const ignored = sources.some((source) => source === NONCE || source === "'strict-dynamic'");
  const kept = sources.filter((source) =>
    source.startsWith("'") ? KEPT.has(source) : !(ignored && dangerOf(name, source) !== undefined),
  );
  const own = ignored && !kept.includes("'self'") ? ["'self'", ...kept] : kept;
  return own.length === 0 ? NONE : own;
}

/** Keywords that mean something in a worker. */
const KEPT = new Set(["'self'", "'unsafe-eval'", "'wasm-unsafe-eval'", "'trusted-types-eval'"]);

/** Compiles directives and whatever else goes behind them. Without spaces after the semicolons: a page has 950 bytes. */
export function compilePolicy(directives: Directives, ...rest: readonly string[]): CompiledPolicy {
  const parts = Object.entries(directives).map(([name, sources]) => [name, ...sources].join(' '));
  // The quotes of the placeholder stay where they are: only the word between them differs from answer to answer.
  return [...parts, ...rest].join(';').split(NONCE).map(quoteNonce);
}

function quoteNonce(piece: string, index: number, pieces: readonly string[]): string {
  return (index === 0 ? '' : "'") + piece + (index === pieces.length - 1 ? '' : "'nonce-");
}

/** What a source would open, or undefined where it opens nothing that script could come in by. */
export function dangerOf(directive: string, source: string): string | undefined {
  if (!GUARDED.has(directive)) return undefined;
  if (source === "'unsafe-inline'") return 'whatever an attacker gets into a page runs there.';
  if (source === "'unsafe-hashes'") return 'an attribute put on another element runs there.';
  if (source === "'unsafe-eval'") return 'text that reaches eval, from wherever, runs.';
  if (SCHEME_ONLY.test(source)) return 'everyone can answer by that scheme, attackers too.';
  if (ANY_HOST.test(source)) return 'every host is allowed, those of attackers too.';
  if (isOpenToAll(source)) return 'anybody can have a host there, attackers too.';
  if (source.toLowerCase().startsWith('http://'))
    return 'what comes over plain http can be changed on its way.';
  return undefined;
}

/** Where a source decides what runs, where forms go, and who puts the page in a frame. */
const GUARDED = new Set([
  'default-src',
  'script-src',
  'script-src-elem',
  'script-src-attr',
  'worker-src',
  'object-src',
  'base-uri',
  'form-action',
  'frame-ancestors',
]);
const SCHEME_ONLY = /^[a-z][a-z0-9+.-]*:$/i;
const ANY_HOST = /^(?:[a-z][a-z0-9+.-]*:\/\/)?\*(?:$|[:/])/i;
