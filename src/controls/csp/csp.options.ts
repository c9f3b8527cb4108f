import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import { isPlainObject, type OptionTable, type Read, Unfit } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import { boolean, listOf, text } from '../../core/readers.ts';
import type { BuiltFolder } from './built/built-pages.ts';
import { dangerOf, PAGE_DIRECTIVES } from './csp-builder.ts';
import { type Directives, directivesOnto } from './csp-grammar.ts';

/** Content Security Policy: what a page may run, load, send, and be framed by. */
export interface CspOptions {
  /** `enforce` (default), `observe` (the policy is sent as report-only) or `off`. */
  mode?: Mode;
  /**
   * Directives that differ from the default, each with the full list of its sources; those not named stay.
   * `"'nonce'"` stands for the nonce of each response: `{ 'img-src': ["'self'", 'https://img.example'] }`.
   */
  directives?: Record<string, readonly string[]>;
  /** Whether DOM sinks such as `innerHTML` take only what a policy of the page made. Default true. */
  trustedTypes?: boolean;
  /** Directives to try out: sent beside the enforced policy as report-only, with nothing but what is named here. */
  reportOnly?: Record<string, readonly string[]>;
  /** Where browsers send what they blocked: a path here or an https URL. Default nowhere. */
  report?: string;
  /**
   * The folder that a build has written, with its pages and scripts, which is served as it is: `'dist/client'`, or with the path
   * below which it is served, and the page that answers below that path wherever there is none (`otherwise: 'index.html'`). Its pages are sent the hashes of what stands in them, since no nonce is written into a file; so
   * are pages of a framework that names such hashes in a policy of its own. Default none.
   */
  built?: string | { readonly folder: string; readonly at?: string; readonly otherwise?: string };
  /**
   * Sources that would let an attacker's script in, each with its directive, that you need all the same:
   * `["script-src 'unsafe-eval'"]`. Without its line here such a source is refused.
   */
  dangerouslyAllow?: readonly string[];
}

/** {@link CspOptions}, read. */
export interface CspSettings {
  readonly mode: Mode;
  /** The whole policy of pages, defaults included. */
  readonly directives: Directives;
  readonly trustedTypes: boolean;
  /** Empty: none is sent. */
  readonly reportOnly: Directives;
  readonly report: string | undefined;
  readonly built: BuiltFolder | undefined;
  readonly dangerouslyAllow: readonly string[];
}

const readReport: Read<string | undefined> = (value) => {
  // No comma, semicolon, quote or backslash: it is written into two headers, in one of them between quotes.
  const visible =
    typeof value === 'string' && /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,512}$/.test(value);
  if (visible && value.startsWith('/') && !value.startsWith('//')) return value;
  if (visible && value.startsWith('https://') && URL.canParse(value)) {
    const url = new URL(value);
    if (url.username === '' && url.password === '' && url.hash === '') return url.href;
  }
  throw new Unfit("a path such as '/csp-reports', or an https URL without user and fragment");
};

const readBuilt: Read<BuiltFolder | undefined> = (value) => {
  const given: unknown = typeof value === 'string' ? { folder: value } : value;
  if (isPlainObject(given)) {
    const { folder, at = '/', otherwise, ...rest } = given;
    const isFolder = typeof folder === 'string' && folder !== '' && !folder.includes('\0');
    const isPath = typeof at === 'string' && /^\/(?:[\w.~-]{1,64}\/){0,8}$/.test(at);
    const isPage = otherwise === undefined || (typeof otherwise === 'string' && otherwise.endsWith('.html'));
    if (isFolder && isPath && isPage && Object.keys(rest).length === 0) return { folder, at, otherwise };
  }
  throw new Unfit(
    "a folder such as 'dist/client', or { folder: 'dist', at: '/shop/', otherwise: 'index.html' }",
  );
};

/** The defaults and why. */
export const cspOptions: OptionTable<CspSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'Script that an attacker gets into a page does not run.',
    source: 'W3C Content Security Policy Level 3; ASVS v5.0.0-3.4.3',
    example: "csp: { mode: 'observe' }",
  },
  directives: {
    default: PAGE_DIRECTIVES,
    shown: Object.entries(PAGE_DIRECTIVES)
      .map(([name, sources]) => [name, ...sources].join(' '))
      .join('; '),
    read: directivesOnto(PAGE_DIRECTIVES),
    reason: 'Nothing is allowed but what is named; script runs by a nonce, which an attacker cannot know.',
    source: 'Weichselbaum et al., CSP Is Dead, Long Live CSP! (2016); ASVS v5.0.0-3.4.3 and 3.4.6',
    example: "csp: { directives: { 'img-src': [\"'self'\", 'https://img.example'] } }",
  },
  trustedTypes: {
    default: true,
    read: boolean,
    reason: 'Script of the page itself cannot turn text of an attacker into markup by mistake.',
    source: 'W3C Trusted Types',
    example: 'csp: { trustedTypes: false }',
  },
  reportOnly: {
    default: {},
    shown: 'none',
    read: directivesOnto({}),
    reason: 'A tighter policy is tried out beside the one that holds, never instead of it.',
    source: 'W3C Content Security Policy Level 3, 3.2',
    example: "csp: { reportOnly: { 'style-src': [\"'self'\"] } }",
  },
  report: {
    default: undefined,
    shown: 'nowhere',
    read: readReport,
    reason: 'Reports hold the addresses of pages, so they go nowhere that was not named.',
    source: 'W3C Reporting API; ASVS v5.0.0-3.4.7',
    example: "csp: { report: '/csp-reports' }",
  },
  built: {
    default: undefined,
    shown: 'none',
    read: readBuilt,
    reason:
      'A page that is built once has no nonce; the hashes of its own scripts let these run, and no other.',
    source: 'W3C Content Security Policy Level 3, 6.7.3.3; ASVS v5.0.0-3.4.3',
    example: "csp: { built: 'dist/client' }",
  },
  dangerouslyAllow: {
    default: [],
    read: listOf(
      text(/^[a-z-]{3,40} [\x21-\x7e]{1,256}$/, 'a list of directives with one source each'),
      'a list such as ["script-src \'unsafe-eval\'"]',
    ),
    reason: 'A source that lets script in is a decision, not a habit copied from another policy.',
    source: 'W3C Content Security Policy Level 3, 8; ASVS v5.0.0-3.4.3',
    example: 'csp: { dangerouslyAllow: ["script-src \'unsafe-eval\'"] }',
  },
};

/**
 * What only the whole section shows: sources that open what the policy closes without their line in
 * `dangerouslyAllow`, and lines there that nothing needs any more. Called after the section was read.
 */
export function checkCsp({ directives, dangerouslyAllow }: CspSettings, problems: Problems): void {
  checkDirectives('csp.directives', directives, dangerouslyAllow, [], problems);
}

/**
 * The same of the directives of a route.
 *
 * @param allowedBefore - what the policy has allowed for every page
 */
export function checkDirectives(
  path: string,
  directives: Directives,
  dangerouslyAllow: readonly string[],
  allowedBefore: readonly string[],
  problems: Problems,
): void {
  const allowed = new Set(dangerouslyAllow);
  const place = path.replace(/\.directives$/, '');
  for (const [directive, sources] of Object.entries(directives)) {
    for (const source of sources) {
      const line = `${directive} ${source}`;
      const danger = dangerOf(directive, source);
      if (danger === undefined || allowed.delete(line) || allowedBefore.includes(line)) continue;
      problems.refuse(
        'ERR_BULWARK_UNSAFE_OPTION',
        `${path}.${directive}`,
        danger,
        `remove ${source}, or if nothing else will do: csp: { dangerouslyAllow: ["${line}"] }`,
      );
    }
  }
  if (allowed.size > 0) {
    problems.warn(
      'ERR_BULWARK_UNSAFE_OPTION',
      `${place}.dangerouslyAllow`,
      'a line here allows what no directive asks for; it would let it in unseen the day one does.',
      `remove ${allowed.size === 1 ? 'one line' : `${allowed.size} lines`} that no directive needs`,
    );
  }
}
