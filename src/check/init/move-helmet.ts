/** helmet: what it sends, in words of the policy. */
import { isNamedTwice, isWholeSite, type MiddlewareMove, type Stay } from './move-middleware.ts';
import { sectionLines } from './paste-lines.ts';
import type { Argument } from './read-module.ts';
import { shownPath } from './shown-path.ts';

/** Options that ask for what is the default here: nothing is to be written for them. */
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

/** Options of one word, `{ policy: 'cross-origin' }`, that have the same word here. */
const ONE_WORD: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'referrerPolicy',
    new Set(['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin']),
  ],
  ['crossOriginOpenerPolicy', new Set(['same-origin', 'same-origin-allow-popups', 'unsafe-none'])],
  ['crossOriginResourcePolicy', new Set(['same-origin', 'same-site', 'cross-origin'])],
]);

type Directives = Readonly<Record<string, readonly string[]>>;

/** What helmet sends, as far as it differs from what is sent here: an application that ran with it runs with it still. */
const OWN_CSP: Directives = {
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

const CSP = 'contentSecurityPolicy';

/** The whole of helmet, or its policy for content alone. */
export const HELMET: MiddlewareMove = {
  name: 'helmet',
  parts: new Set([CSP]),
  take(options, mounts, moved, part) {
    // Below a path, for one route or for a router, it was not the whole site's; and of two no one can be that of all.
    if (!isWholeSite(mounts)) return stays('it is not mounted once, in front of everything');
    if (options !== undefined && options.kind !== 'ObjectExpression')
      return stays('its options stand elsewhere');
    if (part === undefined && moved.held.has('headers')) return stays('it is there twice');
    const words: string[] = [];
    let directives: Directives | undefined = OWN_CSP;
    if (part === CSP) directives = options === undefined ? OWN_CSP : readCsp(options);
    for (const { name, value } of part === CSP ? [] : (options?.entries ?? [])) {
      if (value === undefined) return stays('its options stand elsewhere');
      if (SAME.get(name)?.has(value.text) === true) continue;
      const word = wordOf(name, value);
      if (word !== undefined) words.push(`${name}: '${word}'`);
      else if (name !== CSP) return stays(`nothing is sure to be the same as its ${shownPath(name)}`);
      // Without one nothing was blocked, and nothing is in the first run.
      else if (value.text === 'false') directives = {};
      else directives = readCsp(value);
    }
    if (directives === undefined) return stays('a source of its policy is not one that goes without a look');
    if (part === undefined) moved.held.add('headers');
    if (words.length > 0) moved.sections.push(`// As it was.\n  headers: { ${words.join(', ')} },`);
    if (Object.keys(directives).length === 0) return undefined;
    if (moved.held.has('csp')) return stays('two policies for content are set');
    moved.held.add('csp');
    const lines = Object.entries(directives).map(
      ([name, sources]) => `      '${name}': [${sources.map((one) => JSON.stringify(one)).join(', ')}],\n`,
    );
    moved.sections.push(
      `// As it was. Scripts by a nonce are next: take these lines away one at a time (docs/guides/csp.md).\n  csp: {\n    trustedTypes: false,\n    directives: {\n${lines.join('')}    },\n  },`,
    );
    return undefined;
  },
  linesOf(options, _patterns, part) {
    if (options === undefined) return sectionLines(new Map([['csp', cspWords(undefined)]]));
    if (options.kind !== 'ObjectExpression') return [];
    if (part === CSP) return sectionLines(new Map([['csp', cspWords(options)]]));
    const { entries } = options;
    const policy = entries.findLast(({ name }) => name === CSP)?.value;
    const [headers, https] = [new Map<string, string>(), new Map<string, string>()];
    const comments: string[] = [];
    let isFramed = false;
    for (const { name, value } of entries) {
      if (value === undefined || name === CSP || SAME.get(name)?.has(value.text) === true) continue;
      if (isFrames(name, value)) isFramed = true;
      const [section, word, said] = wordFor(name, value);
      if (section === undefined) comments.push(said);
      else (section === 'https' ? https : headers).set(word, `${word}: ${said}`);
    }
    const frames: Directives = isFramed ? { 'frame-ancestors': ["'self'"] } : {};
    return [
      ...comments,
      ...sectionLines(
        new Map([
          ['csp', cspWords(policy, frames)],
          ...(headers.size > 0 ? [['headers', [...headers.values()]] as const] : []),
          ...(https.size > 0 ? [['https', [...https.values()]] as const] : []),
        ]),
      ),
    ];
  },
  lines: ['headers: { ... } and csp: { ... } of the policy: docs/guides/leaving/helmet.md'],
};

function stays(why: string): Stay {
  return { why, lines: [] };
}

/** `{ policy: 'cross-origin' }`, and nothing else. */
function wordOf(name: string, { kind, entries }: Argument): string | undefined {
  const [only, ...more] = entries;
  if (kind !== 'ObjectExpression' || only?.name !== 'policy' || more.length > 0) return undefined;
  const word = /^(['"])([\w-]+)\1$/.exec(only.value?.text ?? '')?.[2] ?? '';
  return ONE_WORD.get(name)?.has(word) === true ? word : undefined;
}

/** Directives by their names here; undefined where one would let in what nobody should write for another. */
function readCsp(policy: Argument): Directives | undefined {
  const { entries, kind } = policy;
  if (kind !== 'ObjectExpression' || isNamedTwice(policy)) return undefined;
  let base = OWN_CSP;
  const own: Record<string, readonly string[]> = {};
  for (const { name, value } of entries) {
    if (name === 'useDefaults' && /^(?:true|false)$/.test(value?.text ?? '')) {
      if (value?.text === 'false') base = {};
      continue;
    }
    if (name !== 'directives' || value?.kind !== 'ObjectExpression' || isNamedTwice(value)) return undefined;
    for (const one of value.entries) {
      const directive = named(one.name);
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

/** `scriptSrc` as browsers have it. */
function named(directive: string): string {
  return directive.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
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

/** For whoever writes it: every text that could be read, and the nonce of the layer for one that the application makes. */
function cspWords(policy: Argument | undefined, further: Directives = {}): readonly string[] {
  // Nothing was blocked.
  if (policy?.text === 'false') return directiveWords(further);
  const isOwn = policy?.entries.some(({ name, value }) => name === 'useDefaults' && value?.text === 'false');
  const directives: Record<string, readonly string[]> = isOwn === true ? {} : { ...OWN_CSP };
  const given = policy?.entries.find(({ name }) => name === 'directives')?.value;
  for (const { name, value } of given?.entries ?? []) {
    const directive = named(name);
    if (!/^[a-z-]+$/.test(directive) || TIGHTER.test(directive)) continue;
    const texts = [...(value?.text ?? '').matchAll(/"([^"\\]*)"|'([^'\\]*)'/g)].map(
      ([, double, single]) => double ?? single ?? '',
    );
    const sources = texts.flatMap((text) => {
      if (/^'?nonce-/.test(text)) return ["'nonce'"];
      return SOURCE.test(text) || /^'(?:unsafe-eval|strict-dynamic|sha\d{3}-[\w+/=-]+)'$/.test(text)
        ? [text]
        : [];
    });
    directives[directive] = [...new Set(sources)];
  }
  const open = Object.entries(directives).flatMap(([name, sources]) =>
    /^(?:default|script|worker)-src/.test(name)
      ? sources.filter((one) => /unsafe-(?:inline|eval)/.test(one)).map((one) => `${name} ${one}`)
      : [],
  );
  const allowed = open.length === 0 ? [] : [`dangerouslyAllow: ${list(open)}`];
  return ['trustedTypes: false', ...allowed, ...directiveWords({ ...directives, ...further })];
}

function directiveWords(directives: Directives): readonly string[] {
  const shown = Object.entries(directives).map(([name, sources]) => `'${name}': ${list(sources)}`);
  return shown.length === 0 ? [] : [`directives: { ${shown.join(', ')} }`];
}

function list(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(', ')}]`;
}

/** `{ action: 'sameorigin' }`, for pages that frame themselves. */
function isFrames(name: string, { text }: Argument): boolean {
  return /^(?:frameguard|xFrameOptions)$/.test(name) && /sameorigin/i.test(text);
}

/** Section, word and value of one option, as docs/guides/leaving/helmet.md has it; or no section, and a comment. */
function wordFor(name: string, value: Argument): readonly ['headers' | 'https' | undefined, string, string] {
  const word = wordOf(name, value);
  if (word !== undefined) return ['headers', name, `'${word}'`];
  if (/^(?:hsts|strictTransportSecurity)$/.test(name)) {
    if (value.text === 'false')
      return [undefined, '', '// hsts: nothing; it is sent over https alone, and begins with five minutes'];
    const seconds = Number(value.entries.find((one) => one.name === 'maxAge')?.value?.text ?? Number.NaN);
    const isLong = Number.isSafeInteger(seconds) && seconds >= 86_400;
    return ['https', 'hsts', `{ maxAge: '${isLong ? Math.floor(seconds / 86_400) : 365}d' }`];
  }
  if (isFrames(name, value)) return ['headers', 'frameOptions', "'SAMEORIGIN'"];
  if (name === 'crossOriginResourcePolicy' && value.text === 'false')
    return ['headers', name, "'cross-origin'"];
  if (name === 'crossOriginOpenerPolicy' && value.text === 'false') return ['headers', name, "'unsafe-none'"];
  if (name === 'originAgentCluster') return ['headers', name, 'false'];
  return [undefined, '', `// ${shownPath(name)}: docs/guides/leaving/helmet.md`];
}
