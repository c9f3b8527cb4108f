import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import type { OptionTable } from '../../core/options.ts';
import { boolean, listOf, oneOf, text } from '../../core/readers.ts';
import { DENIED, type Permissions, readPermissions } from './permissions-policy.ts';

/**
 * What every answer tells the browser about itself. `X-Content-Type-Options: nosniff` is not an option: no
 * application needs its answers read as something they do not say they are.
 */
export interface HeadersOptions {
  /** `enforce` (default), `observe` or `off`. */
  mode?: Mode;
  /** X-Frame-Options, for browsers that do not know the CSP's `frame-ancestors`: `DENY` (default) or `SAMEORIGIN`. */
  frameOptions?: FrameOptions;
  /** What other sites learn of the address a visitor comes from. Default `strict-origin-when-cross-origin`. */
  referrerPolicy?: ReferrerPolicy;
  /** Whether windows of other sites keep a hold on this one. Default `same-origin`. */
  crossOriginOpenerPolicy?: OpenerPolicy;
  /** Whose pages may embed what is answered here. Default `same-origin`. */
  crossOriginResourcePolicy?: ResourcePolicy;
  /** Whether pages are kept apart from those of sibling hosts in the browser's memory. Default true. */
  originAgentCluster?: boolean;
  /**
   * Features beyond those denied already, by name, and who may use them: `{ camera: ['self'], payment: [] }`. Naming
   * one leaves the others denied.
   */
  permissionsPolicy?: Record<string, readonly string[]>;
  /** Whether PDF and Flash documents of other sites may read from here. Default `none`. */
  permittedCrossDomainPolicies?: 'none' | 'master-only';
  /** Whether scripts without an integrity hash are reported in the browser's console, or blocked. Default `off`. */
  integrityPolicy?: IntegrityPolicy;
  /**
   * Headers that name software and are removed otherwise, which somebody reads: `['X-Nextjs-Redirect']`, by which Next's own
   * script follows a redirect. Default none.
   */
  keep?: readonly string[];
}

/** Who may put a page into a frame, in the words of X-Frame-Options. */
export type FrameOptions = 'DENY' | 'SAMEORIGIN';
/** The referrer policies that tell other sites no more than an origin, and plain http nothing. */
export type ReferrerPolicy =
  | 'no-referrer'
  | 'same-origin'
  | 'strict-origin'
  | 'strict-origin-when-cross-origin';
/** Who may hold a reference to a window. */
export type OpenerPolicy = 'same-origin' | 'same-origin-allow-popups' | 'unsafe-none';
/** Who may embed an answer. */
export type ResourcePolicy = 'same-origin' | 'same-site' | 'cross-origin';
/** What happens to scripts without an integrity hash. */
export type IntegrityPolicy = 'off' | 'report-only' | 'enforce';

/** {@link HeadersOptions}, read. */
export interface HeadersSettings {
  readonly mode: Mode;
  readonly frameOptions: FrameOptions;
  readonly referrerPolicy: ReferrerPolicy;
  readonly crossOriginOpenerPolicy: OpenerPolicy;
  readonly crossOriginResourcePolicy: ResourcePolicy;
  readonly originAgentCluster: boolean;
  readonly permissionsPolicy: Permissions;
  readonly permittedCrossDomainPolicies: 'none' | 'master-only';
  readonly integrityPolicy: IntegrityPolicy;
  readonly keep: readonly string[];
}

/** The defaults and why. */
export const headersOptions: OptionTable<HeadersSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'Each of these closes a way in that browsers leave open unless they are told.',
    source: 'OWASP Secure Headers Project',
    example: "headers: { mode: 'observe' }",
  },
  frameOptions: {
    default: 'DENY',
    read: oneOf('DENY', 'SAMEORIGIN'),
    reason: 'A page in an invisible frame takes the clicks meant for another.',
    source: 'RFC 7034; ASVS v5.0.0-3.4.6',
    example: "headers: { frameOptions: 'SAMEORIGIN' }",
  },
  referrerPolicy: {
    default: 'strict-origin-when-cross-origin',
    read: oneOf('no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin'),
    reason:
      "Other sites learn the origin, never a path. `no-referrer` makes browsers send `Origin: null` with a page's own forms, which many checks refuse.",
    source: 'W3C Referrer Policy; Fetch standard, Origin header; ASVS v5.0.0-3.4.5',
    example: "headers: { referrerPolicy: 'same-origin' }",
  },
  crossOriginOpenerPolicy: {
    default: 'same-origin',
    read: oneOf('same-origin', 'same-origin-allow-popups', 'unsafe-none'),
    reason: 'A page that opened this one could count its frames, and send it elsewhere behind its back.',
    source: 'HTML standard, cross-origin opener policies; ASVS v5.0.0-3.4.8',
    example: "headers: { crossOriginOpenerPolicy: 'same-origin-allow-popups' }",
  },
  crossOriginResourcePolicy: {
    default: 'same-origin',
    read: oneOf('same-origin', 'same-site', 'cross-origin'),
    reason: 'Keeps private answers out of the memory of other sites, where Spectre reads them.',
    source: 'Fetch standard, CORP; ASVS v5.0.0-3.5.8',
    example: "headers: { crossOriginResourcePolicy: 'same-site' }",
  },
  originAgentCluster: {
    default: true,
    read: boolean,
    reason: 'Sibling hosts share no process and cannot meet through document.domain.',
    source: 'HTML standard, origin-keyed agent clusters',
    example: 'headers: { originAgentCluster: false }',
  },
  permissionsPolicy: {
    default: DENIED,
    shown: `nobody: ${Object.keys(DENIED).join(', ')}`,
    read: readPermissions,
    reason: 'Script that gets into a page cannot use what a visitor once allowed it.',
    source: 'W3C Permissions Policy',
    example: "headers: { permissionsPolicy: { camera: ['self'] } }",
  },
  permittedCrossDomainPolicies: {
    default: 'none',
    read: oneOf('none', 'master-only'),
    reason: 'An uploaded file could be taken for a cross-domain policy that opens the whole host.',
    source: 'Adobe cross-domain policy file specification 2.0; OWASP Secure Headers Project',
    example: "headers: { permittedCrossDomainPolicies: 'master-only' }",
  },
  integrityPolicy: {
    default: 'off',
    read: oneOf('off', 'report-only', 'enforce'),
    reason:
      "Scripts run by nonce already; its 61 bytes would take a page over 950, and nobody reads a visitor's console.",
    source: 'W3C Subresource Integrity, Integrity-Policy; ASVS v5.0.0-3.6.1',
    example: "headers: { integrityPolicy: 'report-only' }",
  },
  keep: {
    default: [],
    shown: 'none',
    read: listOf(
      text(/^[\w$-]{1,64}$/, 'the name of a header'),
      "a list of names, such as ['X-Nextjs-Redirect']",
    ),
    reason:
      'Headers that name software tell attackers which of its flaws to try, and hardly anybody reads them.',
    source: 'OWASP Secure Headers Project, headers to remove; ASVS v5.0.0-13.4.6',
    example: "headers: { keep: ['X-Nextjs-Redirect', 'X-Nextjs-Matched-Path'] }",
  },
};
