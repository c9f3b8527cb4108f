import type { Mode } from '../../core/guard.ts';
import type { OptionTable } from '../../core/options.ts';
import { listOf, oneOf } from '../../core/readers.ts';
import { mode } from '../../core/mode.ts';
import { origin } from '../../core/origin.ts';

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
   * another site is refused whatever stands here: browsers mark it as cross-site.
   */
  trustedOrigins?: readonly string[];
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
