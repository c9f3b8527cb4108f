import type { Mode } from '../../core/guard.ts';
import { type OptionTable, type Read, readOptions } from '../../core/options.ts';
import { listOf, oneOf, text } from '../../core/readers.ts';
import { mode } from '../../core/mode.ts';
import { origin, type OriginParts, parseOrigin } from '../../core/origin.ts';
import type { Problems } from '../../core/problems.ts';

/** Cross-site request forgery: which requests that change something are believed to come from your own pages. */
export interface CsrfOptions {
  /** `enforce` (default), `observe` or `off`. */
  mode?: Mode;
  /**
   * `fallback` (default): a token is asked for only where the browser says nothing about where a request comes from.
   * `always`: every unsafe request with a session cookie carries one, whatever the browser says.
   */
  tokens?: 'fallback' | 'always';
  /**
   * Sibling origins whose pages may post here, such as `https://app.example.com` for `https://example.com`. A page of
   * another site is none, whatever stands here, since browsers mark it as cross-site: such an origin is refused, and is named in
   * `cors`.
   */
  trustedOrigins?: readonly string[];
}

/** What one route takes from elsewhere. */
export interface RouteCsrfOptions {
  /**
   * The form field that brings a state back: `state` of OpenID Connect (`form_post`, Apple), `RelayState` of SAML, `MD` or
   * `threeDSSessionData` of 3-D Secure.
   */
  accept: string;
}

/** {@link CsrfOptions}, read. */
export interface CsrfSettings {
  readonly mode: Mode;
  readonly tokens: 'fallback' | 'always';
  readonly trustedOrigins: readonly string[];
}

/** The defaults and why. */
export const csrfOptions: OptionTable<CsrfSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'A forged request is refused, not only noticed.',
    source: 'OWASP CSRF Prevention Cheat Sheet; ASVS v5.0.0-3.5.1',
    example: "csrf: { mode: 'observe' }",
  },
  tokens: {
    default: 'fallback',
    read: oneOf('fallback', 'always'),
    reason:
      'Every current browser sends Sec-Fetch-Site, which a page cannot forge; a token adds to that, it does not carry it.',
    source: 'W3C Fetch Metadata; OWASP CSRF Prevention Cheat Sheet',
    example: "csrf: { tokens: 'always' }",
  },
  trustedOrigins: {
    default: [],
    read: listOf(origin, "a list of origins, such as ['https://app.example.com']"),
    reason: 'No other site, not even a subdomain, posts here unless it is named.',
    source: 'RFC 6454; ASVS v5.0.0-3.5.2',
    example: "csrf: { trustedOrigins: ['https://app.example.com'] }",
  },
};

/** An origin of another site among the trusted ones would be believed in and never hold: browsers say cross-site of it. */
export function checkSiblings(
  own: OriginParts | undefined,
  { trustedOrigins }: CsrfSettings,
  problems: Problems,
): void {
  if (own === undefined || own.loopback) return;
  for (const [index, one] of trustedOrigins.entries()) {
    const other = parseOrigin(one);
    if (other === undefined || mayBeSibling(own, other)) continue;
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      `csrf.trustedOrigins[${index}]`,
      'it is another site: browsers mark its requests as cross-site, and they would be refused all the same.',
      "routes: { '/api/**': { cors: { origins: ['https://partner.example'] } } }, for what its scripts may ask",
    );
  }
}

/**
 * Whether two hosts may belong to one site (RFC 6265bis 5.2). Without the list of public suffixes only what is sure is told
 * apart: the same scheme, and two labels in common, or three below what registries give out under two.
 */
function mayBeSibling(own: OriginParts, other: OriginParts): boolean {
  if (own.scheme !== other.scheme) return false;
  if (own.hostname === other.hostname) return true;
  const [a, b] = [own.hostname.split('.').toReversed(), other.hostname.split('.').toReversed()];
  let common = 0;
  while (common < a.length && common < b.length && a[common] === b[common]) common += 1;
  const suffix = `${a[1]}.${a[0]}`;
  return common >= (SECOND_LEVEL.test(suffix) ? 3 : 2);
}

const SECOND_LEVEL = /^(?:co|com|net|org|edu|gov|ac|ne|or|go|gob|gouv)\.[a-z]{2}$/;

const ACCEPT: OptionTable<{ readonly accept: string | undefined }> = {
  accept: {
    default: undefined,
    read: text(/^[\w.-]{1,64}$/, "the name of a form field, such as 'state'"),
    reason: 'Only who began it knows what it is called.',
    source: 'OAuth 2.0 Form Post Response Mode; SAML 2.0 Bindings 3.5; EMV 3-D Secure',
    example: "csrf: { accept: 'state' }",
  },
};

/** Reads a route's `csrf`. */
export const readAccept: Read<string | undefined> = (value, path, problems) =>
  readOptions(path, ACCEPT, value, problems).accept;
