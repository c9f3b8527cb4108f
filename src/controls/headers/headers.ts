/** The headers that are the same in every answer, and those that never leave. */
import type { Exchange } from '../../core/exchange.ts';
import { eventOf, type SecurityEvent } from '../../core/events.ts';
import type { Guard } from '../../core/guard.ts';
import type { OutgoingHead } from '../../core/head.ts';
import { HeaderBlock, type HeaderKey, headerKey, HeaderLine } from '../../core/header-line.ts';
import { cutForLog } from '../../core/log-text.ts';
import { isPage } from '../../core/page.ts';
import type { RouteHeaders } from '../../core/route-rules.ts';
import { ToldOnce } from '../../core/told-once.ts';
import { saveDownload } from './download.ts';
import { MORE_FINGERPRINTS, OWASP_FINGERPRINTS } from './fingerprint-headers.ts';
import { HEADERS_EVENTS } from './headers.events.ts';
import type { FrameOptions, HeadersSettings } from './headers.options.ts';
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

/** What the guard knows of routes, and whom it tells. */
export interface HeadersSurroundings {
  /** The rules that there are, to be written out at the start. */
  readonly routes?: readonly RouteHeaders[];
  readonly tell?: (exchange: Exchange, event: SecurityEvent) => void;
  /** What `Reporting-Endpoints` of pages calls the place where browsers report; undefined where there is none. */
  readonly endpoint?: string | undefined;
}

/** The guard. Runs last, so that nothing the others or the application wrote escapes it. */
export function headersGuard(
  settings: HeadersSettings,
  { routes = [], tell, endpoint }: HeadersSurroundings = {},
): Guard {
  const base = write(settings, endpoint);
  const written = new WeakMap<RouteHeaders, Written>();
  const writtenOf = (own: RouteHeaders): Written => {
    let one = written.get(own);
    if (one === undefined) {
      const permissionsPolicy = { ...settings.permissionsPolicy, ...own.permissionsPolicy };
      one = write({ ...settings, ...own, permissionsPolicy }, endpoint);
      written.set(own, one);
    }
    return one;
  };
  for (const own of routes) writtenOf(own);
  const told = new ToldOnce();
  const kept = new Set(settings.keep.map(headerKey));
  const removed = new Set(REMOVED_HEADERS.filter((name) => !kept.has(name)));
  const policies = fixed('X-Permitted-Cross-Domain-Policies', settings.permittedCrossDomainPolicies, [
    'master-only',
    'none',
    'none-this-response',
  ]);
  const raiseEach = (exchange: Exchange, head: OutgoingHead, written: Written): void => {
    for (const one of written.everywhere) {
      const theirs = raise(head, one);
      if (theirs === undefined || tell === undefined || settings.mode !== 'enforce') continue;
      if (told.isNew(exchange.rules, one.line.key)) tell(exchange, raised(exchange, one.line.name, theirs));
    }
    setPermissions(head, written.line, written.permissions);
  };
  return {
    name: 'headers',
    mode: settings.mode,
    onResponse(exchange, head) {
      head.removeAll(removed);
      if (head.part !== 'answer') return head.part === 'hints' ? keepLinks(head) : undefined;
      const own = exchange.rules.headers;
      const all = own === undefined ? base : writtenOf(own);
      // Most applications say nothing of these.
      if (head.addBlock?.(all.block) !== true) raiseEach(exchange, head, all);
      // A policy file is never a page, and a page has no 41 bytes to spare.
      if (!isPage(head)) raise(head, policies);
      saveDownload(exchange, head);
      return undefined;
    },
  };
}

interface Written {
  readonly everywhere: readonly FixedHeader[];
  readonly permissions: Permissions;
  readonly line: HeaderLine;
  /** All of these, for a head that has none of them. */
  readonly block: HeaderBlock;
}

/** The settings of the policy, or of a route, where `none` is said of what X-Frame-Options cannot say. */
type OfRoute = Omit<HeadersSettings, 'frameOptions'> & { readonly frameOptions: FrameOptions | 'none' };

function write(settings: OfRoute, endpoint: string | undefined): Written {
  const permissions = settings.permissionsPolicy;
  const line = HeaderLine.of('Permissions-Policy', writePermissions(permissions));
  const everywhere = fixedHeaders(settings, endpoint);
  const block = new HeaderBlock([...everywhere.map((one) => one.line), line]);
  return { everywhere, permissions, line, block };
}

/** How a route says what its handler wanted to say. */
const AT_ROUTES: Readonly<Record<string, (value: string) => string>> = {
  'X-Frame-Options': () => `frame: ["'self'"]`,
  'Cross-Origin-Opener-Policy': (value) => `coop: '${value}'`,
  'Cross-Origin-Resource-Policy': (value) => `corp: '${value}'`,
  'Referrer-Policy': (value) => `headers: { referrerPolicy: '${value}' }`,
  'Origin-Agent-Cluster': () => 'headers: { originAgentCluster: false }',
};

function raised({ path }: Exchange, header: string, theirs: string): SecurityEvent {
  const line = AT_ROUTES[header]?.(cutForLog(theirs)) ?? 'headers: {}';
  return eventOf(HEADERS_EVENTS.raised, { header, fix: `routes: { '${cutForLog(path)}': { ${line} } }` });
}

/** Browsers read `Link` and nothing else of a 103 (RFC 8297). */
function keepLinks(head: OutgoingHead): void {
  if (head.statusCode === 103) for (const name of head.names()) if (name !== 'link') head.removeHeader(name);
}

/** The headers of every answer but Permissions-Policy, by the settings. Weakest values first in each list of ranks. */
function fixedHeaders(settings: OfRoute, endpoint: string | undefined): readonly FixedHeader[] {
  const headers = [
    fixed('X-Content-Type-Options', 'nosniff', []),
    ...(settings.frameOptions === 'none'
      ? []
      : [fixed('X-Frame-Options', settings.frameOptions, ['SAMEORIGIN', 'DENY'])]),
    fixed('Referrer-Policy', settings.referrerPolicy, [
      'strict-origin-when-cross-origin',
      'strict-origin',
      'same-origin',
      'no-referrer',
    ]),
    fixed(
      'Cross-Origin-Opener-Policy',
      settings.crossOriginOpenerPolicy,
      ['unsafe-none', 'same-origin-allow-popups', 'same-origin'],
      endpoint === undefined ? '' : `; report-to="${endpoint}"`,
    ),
    fixed('Cross-Origin-Resource-Policy', settings.crossOriginResourcePolicy, [
      'cross-origin',
      'same-site',
      'same-origin',
    ]),
  ];
  if (settings.originAgentCluster) headers.push(fixed('Origin-Agent-Cluster', '?1', []));
  if (settings.integrityPolicy !== 'off') {
    const name = settings.integrityPolicy === 'enforce' ? 'Integrity-Policy' : 'Integrity-Policy-Report-Only';
    const place = endpoint === undefined ? '' : `, endpoints=(${endpoint})`;
    headers.push(fixed(name, 'blocked-destinations=(script)', [], place));
  }
  return headers;
}

/** @param rest - stands behind the value, and says nothing of how strong it is */
function fixed(name: string, value: string, weakestFirst: readonly string[], rest = ''): FixedHeader {
  const rank = weakestFirst.indexOf(value);
  const keep = rank === -1 ? [] : weakestFirst.slice(rank).map((one) => one.toLowerCase());
  return { line: HeaderLine.of(name, value + rest), keep: new Set(keep) };
}

/**
 * Sets a header unless the application's value is as strong. Browsers do not agree on two lines of one header.
 *
 * @returns what the application had said instead
 */
function raise(head: OutgoingHead, { line, keep }: FixedHeader): string | undefined {
  const own = head.getHeader(line.key);
  if (own === undefined) {
    head.addLine(line);
    return undefined;
  }
  if (typeof own === 'string' && keep.has(own.toLowerCase())) return undefined;
  head.setHeader(line.name, line.value);
  const theirs = lines(own);
  return theirs === line.value ? undefined : theirs;
}

function setPermissions(head: OutgoingHead, line: HeaderLine, permissions: Permissions): void {
  const own = head.getHeader(line.key);
  if (own === undefined) head.addLine(line);
  else head.setHeader(line.name, joinPermissions(lines(own), permissions) ?? line.value);
}

function lines(own: number | string | readonly string[]): string {
  return Array.isArray(own) ? own.join(',') : String(own);
}
