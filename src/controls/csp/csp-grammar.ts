/** What may be written in a policy: which directives there are, and what each of them takes. */
import { isPlainObject, joinPath, type Read, refuseUnknown, Unfit } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';

/** A policy as it is read: directives in the order they are sent, each with its sources. */
export type Directives = Readonly<Record<string, readonly string[]>>;

/** What stands for the nonce of a response. A nonce that is written down is the same for everyone, so is none. */
export const NONCE = "'nonce'";

type Kind = 'script' | 'style' | 'sources' | 'sandbox' | 'trusted-types' | 'flag';

/** A directive that a policy may name. */
export type Directive =
  | 'default-src'
  | 'script-src'
  | 'script-src-elem'
  | 'script-src-attr'
  | 'style-src'
  | 'style-src-elem'
  | 'style-src-attr'
  | 'img-src'
  | 'font-src'
  | 'connect-src'
  | 'media-src'
  | 'manifest-src'
  | 'worker-src'
  | 'child-src'
  | 'frame-src'
  | 'object-src'
  | 'base-uri'
  | 'form-action'
  | 'frame-ancestors'
  | 'sandbox'
  | 'trusted-types'
  | 'upgrade-insecure-requests';

/** Every directive a policy may name, and what it takes. */
const DIRECTIVES: Readonly<Record<Directive, Kind>> = {
  'default-src': 'script',
  'script-src': 'script',
  'script-src-elem': 'script',
  'script-src-attr': 'script',
  'style-src': 'style',
  'style-src-elem': 'style',
  'style-src-attr': 'style',
  'img-src': 'sources',
  'font-src': 'sources',
  'connect-src': 'sources',
  'media-src': 'sources',
  'manifest-src': 'sources',
  'worker-src': 'sources',
  'child-src': 'sources',
  'frame-src': 'sources',
  'object-src': 'sources',
  'base-uri': 'sources',
  'form-action': 'sources',
  'frame-ancestors': 'sources',
  sandbox: 'sandbox',
  'trusted-types': 'trusted-types',
  'upgrade-insecure-requests': 'flag',
};

/** Their names. */
export const DIRECTIVE_NAMES: readonly string[] = Object.keys(DIRECTIVES);

/** Whether there is a directive of this name, in lower case. */
export function isDirective(name: string): name is Directive {
  return Object.hasOwn(DIRECTIVES, name);
}

/** Whether a source is the hash of a text. */
export function isHash(source: string): boolean {
  return HASH.test(source);
}

/** Directives that have an option of their own, and its line. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'report-uri': "csp: { report: '/csp-reports' }",
  'report-to': "csp: { report: '/csp-reports' }",
  'require-trusted-types-for': 'csp: { trustedTypes: false }',
};

const SELF_NONE = ["'self'", "'none'"];
const INLINE = [...SELF_NONE, NONCE, "'unsafe-inline'", "'unsafe-hashes'", "'report-sample'"];
const KEYWORDS: Readonly<Record<Kind, readonly string[]>> = {
  script: [
    ...INLINE,
    "'strict-dynamic'",
    "'unsafe-eval'",
    "'wasm-unsafe-eval'",
    "'trusted-types-eval'",
    "'inline-speculation-rules'",
  ],
  style: INLINE,
  sources: SELF_NONE,
  sandbox: [],
  'trusted-types': ["'none'", "'allow-duplicates'", '*'],
  flag: [],
};

const UNQUOTED = new Set([...KEYWORDS.script, "'allow-duplicates'"].map((keyword) => keyword.slice(1, -1)));

/** Bytes of a digest in base64 or base64url. */
const HASH = /^'(?:sha256-[\w+/-]{43}={0,1}|sha384-[\w+/-]{64}|sha512-[\w+/-]{86}={0,2})'$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:$/i;
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const HOST = new RegExp(
  `^(?:[a-z][a-z0-9+.-]{0,30}://)?(?:\\*|(?:\\*\\.)?${LABEL}(?:\\.${LABEL}){0,30}|\\[[0-9a-f:]{2,39}\\])(?::(?:\\d{1,5}|\\*))?(?:/[\\x21\\x24-\\x2b\\x2d-\\x3a\\x3d\\x40-\\x5b\\x5d-\\x7e]*)?$`,
  'i',
);
const POLICY_NAME = /^[\w#=/@.%-]{1,128}$/;
const SANDBOX = /^allow-[a-z-]{4,48}$/;

/** Reads directives onto others: naming one replaces its own sources and leaves every other directive as it is. */
export function directivesOnto(base: Directives): Read<Directives> {
  return (value, path, problems) => {
    if (!isPlainObject(value)) throw new Unfit('an object of directives, each with the list of its sources');
    const merged: Record<string, readonly string[]> = { ...base };
    for (const [name, sources] of Object.entries(value)) {
      const read = readDirective(name, sources, path, problems);
      if (read !== undefined) merged[name] = read;
    }
    return merged;
  };
}

/** The sources of one directive, or undefined where a problem was reported. */
function readDirective(
  name: string,
  sources: unknown,
  section: string,
  problems: Problems,
): readonly string[] | undefined {
  const path = joinPath(section, name);
  const invalid = (at: string, reason: string, fix: string): undefined =>
    problems.refuse('ERR_BULWARK_INVALID_OPTION', at, reason, fix) as undefined;
  const elsewhere = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
  if (elsewhere !== undefined) return invalid(path, 'this directive has an option of its own.', elsewhere);
  if (!isDirective(name)) {
    refuseUnknown(section, name, Object.keys(DIRECTIVES), problems);
    return undefined;
  }
  const kind: Kind = DIRECTIVES[name];
  if (typeof sources === 'string' && kind !== 'flag')
    return invalid(path, 'it must be a list of its sources.', `'${name}': ["'self'"]`);
  if (!Array.isArray(sources)) {
    return invalid(
      path,
      'it must be the full list of its sources; a directive cannot be taken away, since without it everything is allowed.',
      kind === 'flag' ? `'${name}': []` : `'${name}': ["'none'"]`,
    );
  }
  const read: string[] = [];
  for (const [index, source] of (sources as readonly unknown[]).entries()) {
    const fault = faultOf(kind, source);
    if (fault !== undefined) invalid(`${path}[${index}]`, fault.reason, fault.fix);
    else if (!read.includes(String(source))) read.push(String(source));
  }
  if (read.length < sources.length && read.length === 0) return undefined;
  if (read.length > 1 && read.includes("'none'")) {
    return invalid(path, "'none' beside other sources is ignored by browsers.", `'${name}': ["'none'"]`);
  }
  if (read.includes(NONCE) && read.includes("'unsafe-inline'")) {
    return invalid(
      path,
      "beside a nonce browsers ignore 'unsafe-inline'.",
      `remove one of the two; the nonce is the one that protects`,
    );
  }
  if (read.length === 0 && KEYWORDS[kind].includes("'none'")) {
    return invalid(path, 'an empty list is easily mistaken for no rule at all.', `'${name}': ["'none'"]`);
  }
  return read;
}

interface Fault {
  readonly reason: string;
  readonly fix: string;
}

/** What is wrong with a source, if anything. The source itself is shown only where it is a word of the standard. */
function faultOf(kind: Kind, source: unknown): Fault | undefined {
  if (typeof source !== 'string' || !/^[\x21-\x7e]+$/.test(source) || /[;,]/.test(source)) {
    return {
      reason:
        'a source is one word of visible ASCII; a space, comma or semicolon would start something else.',
      fix: "one entry for each source, such as ['https://a.example', 'https://b.example']",
    };
  }
  if (KEYWORDS[kind].includes(source)) return undefined;
  if (/^'?nonce-/i.test(source)) {
    return {
      reason: 'a nonce that is written down is known to everyone, and then it stops nothing.',
      fix: `write "${NONCE}" for the nonce of each response, and nonce="..." from bulwark.of(req).nonce in templates`,
    };
  }
  const word = source.toLowerCase();
  if (UNQUOTED.has(word) || /^sha(?:256|384|512)-/.test(word)) {
    return {
      reason: 'without its quotes it is taken for the name of a host.',
      fix: UNQUOTED.has(word)
        ? `write "'${word}'", single quotes included`
        : `write "'sha256-...'", single quotes included`,
    };
  }
  if (fits(kind, source)) return undefined;
  return {
    reason: source.startsWith("'")
      ? 'this directive takes no such keyword; browsers would ignore it.'
      : 'this is no source that the directive takes; browsers would ignore it.',
    fix: `one of ${[...KEYWORDS[kind], ...SHAPES[kind]].join(', ')}`,
  };
}

const SHAPES: Readonly<Record<Kind, readonly string[]>> = {
  script: ["'sha256-...'", 'https://cdn.example', 'https://cdn.example/lib/'],
  style: ["'sha256-...'", 'https://cdn.example', 'https://cdn.example/lib/'],
  sources: ['https://cdn.example', 'https://*.example.com', 'data:'],
  sandbox: ['allow-forms', 'allow-scripts'],
  'trusted-types': ['the name of a policy'],
  flag: ['nothing: the list stays empty'],
};

function fits(kind: Kind, source: string): boolean {
  switch (kind) {
    case 'script':
    case 'style':
      return SCHEME.test(source) || HOST.test(source) || HASH.test(source);
    case 'sources':
      return SCHEME.test(source) || HOST.test(source);
    case 'sandbox':
      return SANDBOX.test(source);
    case 'trusted-types':
      return POLICY_NAME.test(source);
    case 'flag':
      return false;
    default:
      return kind satisfies never;
  }
}
