/** The headers that are the same in every answer, and those that never leave. */
import type { Guard } from '../../core/guard.ts';
import type { OutgoingHead } from '../../core/head.ts';
import { type HeaderKey, headerKey, HeaderLine } from '../../core/header-line.ts';
import { isPage } from '../../core/page.ts';
import { saveDownload } from './download.ts';
import { MORE_FINGERPRINTS, OWASP_FINGERPRINTS } from './fingerprint-headers.ts';
import type { HeadersSettings } from './headers.options.ts';
import { joinPermissions, type Permissions, writePermissions } from './permissions-policy.ts';

/** What a header says, made once from the policy. */
export interface FixedHeader {
  readonly line: HeaderLine;
  /** Values that are as strong or stronger: where the application set one of them, it stays. */
  readonly keep: ReadonlySet<string>;
}

/**
 * Headers that never leave. `Via` is not among them: proxies find loops by it (RFC 9110 7.6.3).
 */
export const REMOVED_HEADERS: readonly HeaderKey[] = [...OWASP_FINGERPRINTS, ...MORE_FINGERPRINTS];

/** The guard. Runs last, so that nothing the others or the application wrote escapes it. */
export function headersGuard(settings: HeadersSettings): Guard {
  const everywhere = fixedHeaders(settings);
  const kept = new Set(settings.keep.map(headerKey));
  const removed = new Set(REMOVED_HEADERS.filter((name) => !kept.has(name)));
  const policies = fixed('X-Permitted-Cross-Domain-Policies', settings.permittedCrossDomainPolicies, [
    'master-only',
    'none',
    'none-this-response',
  ]);
  const permissions = HeaderLine.of('Permissions-Policy', writePermissions(settings.permissionsPolicy));
  return {
    name: 'headers',
    mode: settings.mode,
    onResponse(exchange, head) {
      head.removeAll(removed);
      if (head.part !== 'answer') return head.part === 'hints' ? keepLinks(head) : undefined;
      for (const one of everywhere) raise(head, one);
      setPermissions(head, permissions, settings.permissionsPolicy);
      // A policy file is never a page, and a page has no 41 bytes to spare.
      if (!isPage(head)) raise(head, policies);
      saveDownload(exchange, head);
      return undefined;
    },
  };
}

/** Browsers read `Link` and nothing else of a 103 (RFC 8297). */
function keepLinks(head: OutgoingHead): void {
  if (head.statusCode === 103) for (const name of head.names()) if (name !== 'link') head.removeHeader(name);
}

/** The headers of every answer but Permissions-Policy, by the settings. Weakest values first in each list of ranks. */
export function fixedHeaders(settings: HeadersSettings): readonly FixedHeader[] {
  const headers = [
    fixed('X-Content-Type-Options', 'nosniff', []),
    fixed('X-Frame-Options', settings.frameOptions, ['SAMEORIGIN', 'DENY']),
    fixed('Referrer-Policy', settings.referrerPolicy, [
      'strict-origin-when-cross-origin',
      'strict-origin',
      'same-origin',
      'no-referrer',
    ]),
    fixed('Cross-Origin-Opener-Policy', settings.crossOriginOpenerPolicy, [
      'unsafe-none',
      'same-origin-allow-popups',
      'same-origin',
    ]),
    fixed('Cross-Origin-Resource-Policy', settings.crossOriginResourcePolicy, [
      'cross-origin',
      'same-site',
      'same-origin',
    ]),
  ];
  if (settings.originAgentCluster) headers.push(fixed('Origin-Agent-Cluster', '?1', []));
  if (settings.integrityPolicy !== 'off') {
    const name = settings.integrityPolicy === 'enforce' ? 'Integrity-Policy' : 'Integrity-Policy-Report-Only';
    headers.push(fixed(name, 'blocked-destinations=(script)', []));
  }
  return headers;
}

function fixed(name: string, value: string, weakestFirst: readonly string[]): FixedHeader {
  const rank = weakestFirst.indexOf(value);
  const keep = rank === -1 ? [] : weakestFirst.slice(rank).map((one) => one.toLowerCase());
  return { line: HeaderLine.of(name, value), keep: new Set(keep) };
}

/** Sets a header unless the application's value is as strong. Browsers do not agree on two lines of one header. */
function raise(head: OutgoingHead, { line, keep }: FixedHeader): void {
  const own = head.getHeader(line.key);
  if (own === undefined) head.addLine(line);
  else if (typeof own !== 'string' || !keep.has(own.toLowerCase())) head.setHeader(line.name, line.value);
}

function setPermissions(head: OutgoingHead, line: HeaderLine, permissions: Permissions): void {
  const own = head.getHeader(line.key);
  if (own === undefined) head.addLine(line);
  else head.setHeader(line.name, joinPermissions(lines(own), permissions) ?? line.value);
}

function lines(own: number | string | readonly string[]): string {
  return Array.isArray(own) ? own.join(',') : String(own);
}
