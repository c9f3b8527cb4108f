/** Content Security Policy: what a page may run and load, anew in each response by its nonce. */
import type { OutgoingHead } from '../../core/head.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { HeaderLine } from '../../core/header-line.ts';
import { Problems } from '../../core/problems.ts';
import { compilePolicy, mediaDirectives, strictDirectives, workerDirectives } from './csp-builder.ts';
import { answerKind } from './answer-kind.ts';
import type { Directives } from './csp-grammar.ts';
import { checkCsp, type CspSettings } from './csp.options.ts';

/** The name that the reporting endpoint has in both headers. */
const ENDPOINT = 'csp';

/**
 * The guard. What the application sends as a policy of its own stays beside this one: browsers hold a page to both.
 *
 * @throws PolicyError where a source lets script in without its line in `dangerouslyAllow`
 */
export function cspGuard(settings: CspSettings): Guard {
  const problems = new Problems('production');
  checkCsp(settings, problems);
  problems.throwIfAny();

  const reporting =
    settings.report === undefined ? [] : [`report-uri ${settings.report}`, `report-to ${ENDPOINT}`];
  const trusted = settings.trustedTypes ? ["require-trusted-types-for 'script'"] : [];
  const compiled = compilePolicy(settings.directives, ...trusted, ...reporting);
  const tried =
    Object.keys(settings.reportOnly).length === 0
      ? undefined
      : HeaderLine.around(REPORT_ONLY, compilePolicy(settings.reportOnly, ...reporting));
  const linesNamed = (name: string): PolicyLines => ({
    page: HeaderLine.around(name, compiled),
    // No `report-to`: where the answer has no matching endpoint, it silences `report-uri` too.
    script: lineOf(name, workerDirectives(settings.directives), ...reporting.slice(0, 1)),
    media: lineOf(name, mediaDirectives(settings.directives)),
    other: lineOf(name, strictDirectives(settings.directives)),
  });
  const endpoints =
    settings.report === undefined
      ? undefined
      : HeaderLine.of('Reporting-Endpoints', `${ENDPOINT}="${settings.report}"`);

  const enforced = linesNamed(ENFORCED);
  const reported = linesNamed(REPORT_ONLY);

  const put = (exchange: Exchange, head: OutgoingHead, lines: PolicyLines): void => {
    if (head.part !== 'answer') return;
    // A 304 goes with a page that is stored already. Its headers replace the stored ones (RFC 9111 3.2), and a new
    // nonce would lock out the scripts of the old page.
    if (head.statusCode === 304) return;
    const kind = answerKind(head);
    if (kind !== 'page') {
      add(head, lines[kind]);
      return;
    }
    add(head, lines.page(exchange.nonce));
    if (tried !== undefined) add(head, tried(exchange.nonce));
    if (endpoints !== undefined) add(head, endpoints);
  };
  return {
    name: 'csp',
    mode: settings.mode,
    onResponse: (exchange, head) => put(exchange, head, enforced),
    // Only browsers see what a policy would stop: they get it as report-only.
    onObserve: (exchange, head) => put(exchange, head, reported),
  };
}

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
