/** Content Security Policy: what a page may run and load, anew in each response by its nonce. */
import type { OutgoingHead } from '../../core/head.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { HeaderLine } from '../../core/header-line.ts';
import { eventOf, type SecurityEvent } from '../../core/events.ts';
import { cutForLog } from '../../core/log-text.ts';
import { type Environment, Problems } from '../../core/problems.ts';
import type { RouteCsp } from '../../core/route-rules.ts';
import { ToldOnce } from '../../core/told-once.ts';
import { compilePolicy, mediaDirectives, strictDirectives, workerDirectives } from './csp-builder.ts';
import { answerKind } from './answer-kind.ts';
import { BuiltPages } from './built/built-pages.ts';
import { BuiltPolicies } from './built/built-policy.ts';
import { CSP_EVENTS } from './csp.events.ts';
import type { Directives } from './csp-grammar.ts';
import { checkCsp, type CspSettings } from './csp.options.ts';
import { isKeptByOthers, KEPT_NONCE_FIX } from './kept-nonce.ts';
import { OwnNonces } from './own-nonce.ts';
import { type Reporting, reportingOf, versionOf, withSamples } from './reporting.ts';
import { widerThan } from './wider-policy.ts';

/** What the guard knows of routes, and whom it tells. */
export interface CspSurroundings {
  /** The rules that there are, to be written out at the start. */
  readonly routes?: readonly RouteCsp[];
  readonly tell?: (exchange: Exchange, event: SecurityEvent) => void;
  /** Where Bulwark takes reports itself, and what counts the pages that these are about. */
  readonly collector?: Collector | undefined;
  /** That pages are served at. */
  readonly origins?: readonly string[];
  /** Where no folder of a build is missed. Default production. */
  readonly environment?: Environment;
}

/** Who gathers what browsers report. */
export interface Collector {
  readonly path: string;
  /** Told at the start which policy pages have reports be about. */
  readonly sends: (version: string) => void;
  /** @param version - of the policy that a page was sent */
  readonly notePage: (version: string, client: string, now: number) => void;
}

/**
 * The guard. What the application sends as a policy of its own stays beside this one: browsers hold a page to both.
 *
 * @throws PolicyError where a source lets script in without its line in `dangerouslyAllow`
 */
export function cspGuard(
  settings: CspSettings,
  { routes = [], tell, collector, origins = [], environment = 'production' }: CspSurroundings = {},
): Guard {
  const problems = new Problems(environment);
  checkCsp(settings, problems);
  const pages =
    settings.built === undefined || settings.mode === 'off'
      ? undefined
      : BuiltPages.read(settings.built, problems);
  problems.throwIfAny();

  const version = versionOf(settings, routes);
  const reporting = reportingOf(settings, collector?.path, version);
  // Where the section names another place, what comes to this one bears no policy.
  if (settings.report === undefined && settings.mode !== 'off') collector?.sends(version);
  const counted = settings.mode === 'observe' ? 'reported' : 'enforced';
  const base = write(reporting, settings.directives, settings.trustedTypes);
  const written = new WeakMap<RouteCsp, Written>();
  const told = new ToldOnce();
  const ownNonces = new OwnNonces();
  const writtenOf = (csp: RouteCsp): Written => {
    let one = written.get(csp);
    if (one === undefined) {
      const { directives, trustedTypes = settings.trustedTypes } = csp;
      one = write(reporting, { ...settings.directives, ...directives }, trustedTypes);
      written.set(csp, one);
    }
    return one;
  };
  for (const csp of routes) writtenOf(csp);
  const built =
    pages &&
    new BuiltPolicies<Written>(pages, origins, ({ trustedTypes }, directives) =>
      write(reporting, directives, trustedTypes),
    );
  const tried =
    Object.keys(settings.reportOnly).length === 0
      ? undefined
      : pageLines(REPORT_ONLY, settings.reportOnly, [], reporting);

  const note = (exchange: Exchange, head: OutgoingHead, { directives }: Written, theirs: string): void => {
    if (tell === undefined || !told.isNew(exchange.rules, 'csp')) return;
    const wanted = widerThan(directives, theirs);
    if (wanted === undefined) return;
    const line = `routes: { '${cutForLog(exchange.path)}': { ${wanted} } }`;
    const fix = isOfHelmet(head)
      ? `take helmet out (docs/guides/leaving/helmet.md), and where it is needed: ${line}`
      : line;
    tell(exchange, eventOf(CSP_EVENTS.raised, { header: ENFORCED, fix }));
  };

  const noteKept = (exchange: Exchange, head: OutgoingHead): void => {
    if (tell === undefined || !isKeptByOthers(head) || !told.isNew(exchange.rules, 'kept')) return;
    tell(exchange, eventOf(CSP_EVENTS.raised, { header: 'Cache-Control', fix: KEPT_NONCE_FIX }));
  };

  /** What stands in the place of the nonce: ours, and beside it what the application made itself. */
  const wordOf = (exchange: Exchange, theirs: string): string => {
    const found = ownNonces.read(theirs, exchange);
    if (found === undefined) return exchange.nonce;
    // The piece behind the place begins with the quote that ends the last one.
    if ('nonce' in found) return `${exchange.nonce}' 'nonce-${found.nonce}`;
    if (tell !== undefined && told.isNew(exchange.rules, `nonce ${found.unfit}`)) {
      const fix = `${UNFIT[found.unfit]}: let the framework make one of 128 random bits for each answer, or take bulwark.of(request).nonce`;
      tell(exchange, eventOf(CSP_EVENTS.raised, { header: ENFORCED, fix }));
    }
    return exchange.nonce;
  };

  const put = (exchange: Exchange, head: OutgoingHead, mode: 'enforced' | 'reported'): void => {
    if (head.part !== 'answer') return;
    // A 304 goes with a page that is stored already. Its headers replace the stored ones (RFC 9111 3.2), and a new
    // nonce would lock out the scripts of the old page.
    if (head.statusCode === 304) return;
    const own = exchange.rules.csp;
    const ruled = own === undefined ? base : writtenOf(own);
    const kind = answerKind(head);
    if (kind !== 'page') {
      if (own?.beside === true) add(head, base[mode][kind]);
      add(head, ruled[mode][kind]);
      return;
    }
    const theirs = ownPolicy(head);
    const ofBuild = built?.of(ruled, exchange.path, theirs);
    const one = ofBuild ?? ruled;
    if (exchange.nonceTaken) noteKept(exchange, head);
    let word = exchange.nonce;
    if (theirs !== undefined) {
      if (mode === 'enforced' && ofBuild === undefined) note(exchange, head, one, theirs);
      word = wordOf(exchange, theirs);
    }
    const place = exchange.secure ? 'page' : 'plainPage';
    if (own?.beside === true) add(head, base[mode][place](word));
    add(head, one[mode][place](word));
    if (tried !== undefined) add(head, tried[place](word));
    if (reporting.endpoints !== undefined && exchange.secure) add(head, reporting.endpoints);
    if (mode === counted) collector?.notePage(version, exchange.client.key, exchange.now);
  };
  return {
    name: 'csp',
    mode: settings.mode,
    onResponse: (exchange, head) => put(exchange, head, 'enforced'),
    // Only browsers see what a policy would stop: they get it as report-only.
    onObserve: (exchange, head) => put(exchange, head, 'reported'),
  };
}

/** No other sends these two: browsers have long forgotten what they meant. */
function isOfHelmet(head: OutgoingHead): boolean {
  return (
    head.getHeader('x-dns-prefetch-control') === 'off' && head.getHeader('x-download-options') === 'noopen'
  );
}

/** What the application says itself. */
function ownPolicy(head: OutgoingHead): string | undefined {
  const theirs = head.getHeader('content-security-policy');
  if (theirs === undefined) return undefined;
  return Array.isArray(theirs) ? theirs.join(';') : String(theirs);
}

/** A policy under both of its names. */
interface Written {
  readonly directives: Directives;
  readonly trustedTypes: boolean;
  readonly enforced: PolicyLines;
  readonly reported: PolicyLines;
}

function write(reporting: Reporting, directives: Directives, trustedTypes: boolean): Written {
  const trusted = trustedTypes ? ["require-trusted-types-for 'script'"] : [];
  const linesNamed = (name: string): PolicyLines => ({
    ...pageLines(name, directives, trusted, reporting),
    // No `report-to`: where the answer has no matching endpoint, it silences `report-uri` too.
    script: lineOf(name, workerDirectives(directives), ...reporting.plain),
    media: lineOf(name, mediaDirectives(directives)),
    other: lineOf(name, strictDirectives(directives)),
  });
  return { directives, trustedTypes, enforced: linesNamed(ENFORCED), reported: linesNamed(REPORT_ONLY) };
}

function pageLines(
  name: string,
  directives: Directives,
  rest: readonly string[],
  { secure, plain, samples }: Reporting,
): Pick<PolicyLines, 'page' | 'plainPage'> {
  const sent = samples ? withSamples(directives) : directives;
  const page = HeaderLine.around(name, compilePolicy(sent, ...rest, ...secure));
  const plainPage =
    secure.length === 0 ? page : HeaderLine.around(name, compilePolicy(sent, ...rest, ...plain));
  return { page, plainPage };
}

const UNFIT = {
  short: 'its nonce has fewer than 128 bits, and can be guessed',
  again:
    'its nonce was sent before, so that whoever saw it knows it, and for an hour no nonce of this route is taken',
} as const;

/** By what header an upstream is told the nonce of the page that it will write. */
const NONCE_HEADER = 'X-Bulwark-Nonce';

/**
 * Hands the nonce on, wherever a policy is sent, enforced or reported: a page without it has no script that runs, or reports
 * all of them. Next.js takes it from a policy on the request. What a client sends there would be put into the page.
 */
export function nonceGuard({ mode }: Pick<CspSettings, 'mode'>): Guard {
  return {
    name: 'csp',
    mode: mode === 'off' ? 'off' : 'enforce',
    onForward(exchange, head) {
      const { nonce } = exchange;
      head.set(NONCE_HEADER, nonce);
      head.set(ENFORCED, `script-src 'nonce-${nonce}'`);
      head.remove('content-security-policy-report-only');
    },
  };
}

/** A policy under one name, by the kind of the answer. */
interface PolicyLines {
  readonly page: (nonce: string) => HeaderLine;
  /** Over plain http. */
  readonly plainPage: (nonce: string) => HeaderLine;
  readonly script: HeaderLine;
  readonly media: HeaderLine;
  readonly other: HeaderLine;
}

const ENFORCED = 'Content-Security-Policy';
const REPORT_ONLY = 'Content-Security-Policy-Report-Only';

/** A policy without a nonce, written out once. */
function lineOf(name: string, directives: Directives, ...rest: readonly string[]): HeaderLine {
  const [policy = ''] = compilePolicy(directives, ...rest);
  return HeaderLine.of(name, policy);
}

/** Adds a line to whatever lines of that name there are. */
function add(head: OutgoingHead, line: HeaderLine): void {
  const own = head.getHeader(line.key);
  if (own === undefined) head.addLine(line);
  else
    head.setHeader(line.name, [
      ...(Array.isArray(own) ? (own as readonly string[]) : [String(own)]),
      line.value,
    ]);
}
