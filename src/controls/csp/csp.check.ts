/** What `check` asks of an application about its Content Security Policy. */
import { type Answer, headerOf, headerValues } from '../../core/answer.ts';
import {
  type AsvsId,
  type CweId,
  fault,
  type Fault,
  fellShort,
  held,
  judged,
  type Level,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';
import { isOpenToAll } from './public-hosts.ts';
import { allPolicies, headerPolicies, metaPolicies, type SeenPolicy } from './seen-policy.ts';

/** Rules about the Content Security Policy of a page. */
export const cspRules: readonly Rule[] = [
  rule(
    'csp.present',
    'Every page carries a Content Security Policy that is enforced',
    checkPresent,
    'CWE-693',
  ),
  rule(
    'csp.script-src',
    'Script runs by nonce, hash or list, never because it is in the page',
    checkScript,
    'CWE-79',
  ),
  rule('csp.object-src', 'No plug-in loads anything', checkObject, 'CWE-829'),
  rule('csp.base-uri', 'No injected <base> moves the links of a page', checkBase, 'CWE-79'),
  rule('csp.form-action', 'Forms go where the policy says', checkFormAction, 'CWE-693', []),
  rule('csp.frame-ancestors', 'No other site frames the pages', checkFrames, 'CWE-1021', [
    'v5.0.0-3.4.6 (in part)',
  ]),
  rule(
    'csp.nonce',
    'The nonce of the header is the nonce of the page, is new in each, and cannot be guessed',
    checkNonce,
    'CWE-330',
  ),
];

function rule(
  id: string,
  title: string,
  run: (context: RuleContext, page: Answer) => Outcome | Promise<Outcome>,
  cwe: CweId,
  asvs: readonly AsvsId[] = ['v5.0.0-3.4.3 (in part)'],
): Rule {
  const level: Level = id === 'csp.form-action' ? 'warning' : 'error';
  return {
    id,
    title,
    level,
    guide: 3,
    asvs,
    cwe: [cwe],
    needs: 'page',
    run: async (context) => run(context, await context.page()),
  };
}

function checkPresent(_context: RuleContext, page: Answer): Outcome {
  if (headerPolicies(page).length > 0) return held(evidenceOf(page));
  const fix = "csp: { mode: 'enforce' }";
  if (metaPolicies(page).length > 0) {
    return fellShort(
      'warning',
      'the policy stands in the page alone, where it cannot say who may frame it, nor hold for what stands before it',
      '<meta http-equiv="Content-Security-Policy"> and no header',
      fix,
    );
  }
  return headerValues(page, 'content-security-policy-report-only').length > 0
    ? fellShort(
        'error',
        'the policy is only reported, not enforced',
        'Content-Security-Policy-Report-Only alone',
        `${fix}, once nothing that the pages need is reported`,
      )
    : fellShort('error', 'there is no policy', 'no Content-Security-Policy', fix);
}

/** The attacks that a policy leaves open. */
type Hole = 'inline' | 'anywhere' | 'eval';

const HOLES: Readonly<Record<Hole, readonly [level: Level, message: string]>> = {
  inline: ['error', 'script that an attacker gets into the page runs'],
  anywhere: ['error', 'script of every host runs, those of attackers too'],
  eval: ['warning', 'text that reaches eval runs'],
};

function checkScript(_context: RuleContext, page: Answer): Outcome {
  const policies = allPolicies(page);
  if (policies.length === 0) return notSeen(NO_POLICY);
  // Browsers enforce all policies at once: a hole is open only where every policy has it.
  const [first, ...rest] = policies.map(holesIn);
  const open = [...(first ?? [])].filter((hole) => rest.every((other) => other.has(hole)));
  // Where any script may run, `eval` is no news.
  const told = open.length > 1 ? open.filter((hole) => hole !== 'eval') : open;
  return judged(
    told.map((hole) =>
      fault(...HOLES[hole], evidenceOf(page), "use a nonce: script-src 'nonce-...' 'strict-dynamic'"),
    ),
    evidenceOf(page),
  );
}

function holesIn(policy: SeenPolicy): ReadonlySet<Hole> {
  const general = policy.get('script-src') ?? policy.get('default-src');
  const elements = lower(policy.get('script-src-elem') ?? general);
  const attributes = lower(policy.get('script-src-attr') ?? general);
  const holes = new Set<Hole>();
  if (allowsInline(elements) || allowsInline(attributes)) holes.add('inline');
  // Under strict-dynamic browsers ignore hosts and schemes.
  if (elements === undefined || (!elements.includes("'strict-dynamic'") && elements.some(isWide))) {
    holes.add('anywhere');
  }
  if (general === undefined || lower(general)?.includes("'unsafe-eval'") === true) holes.add('eval');
  return holes;
}

/** A nonce, a hash or strict-dynamic makes browsers ignore unsafe-inline (CSP 3, 6.7.3.2). */
function allowsInline(sources: readonly string[] | undefined): boolean {
  if (sources === undefined) return true;
  const trusted = sources.some((source) => /^'(?:nonce-|sha(?:256|384|512)-|strict-dynamic')/.test(source));
  return sources.includes("'unsafe-inline'") && !trusted;
}

const WILDCARD = /^(?:(?:https?:\/\/)?\*(?:$|[:/])|(?:https?|data|blob|filesystem|ws|wss):$)/;

function isWide(source: string): boolean {
  return WILDCARD.test(source) || isOpenToAll(source);
}

function lower(sources: readonly string[] | undefined): readonly string[] | undefined {
  return sources?.map((source) => source.toLowerCase());
}

function checkObject(_context: RuleContext, page: Answer): Outcome {
  return checkNone(page, 'object-src', (policy) => policy.get('object-src') ?? policy.get('default-src'));
}

function checkBase(_context: RuleContext, page: Answer): Outcome {
  return checkNone(page, 'base-uri', (policy) => policy.get('base-uri'));
}

/** A directive that has to be 'none' (ASVS 3.4.3). */
function checkNone(
  page: Answer,
  name: string,
  sourcesOf: (policy: SeenPolicy) => readonly string[] | undefined,
): Outcome {
  return ofStrictest(allPolicies(page), page, `send ${name} 'none'`, (policy) => {
    const sources = sourcesOf(policy);
    if (sources === undefined) return ['error', `${name} is missing, so that anything goes`];
    if (sources.some((source) => isWide(source.toLowerCase()))) return ['error', `${name} allows every host`];
    const none = sources.length === 0 || (sources.length === 1 && sources[0]?.toLowerCase() === "'none'");
    return none ? undefined : ['warning', `${name} is not 'none'`];
  });
}

function checkFormAction(_context: RuleContext, page: Answer): Outcome {
  return ofStrictest(allPolicies(page), page, "send form-action 'self'", (policy) => {
    const sources = policy.get('form-action');
    if (sources === undefined)
      return ['warning', 'form-action is missing: an injected form may send to any site'];
    return sources.some((source) => isWide(source.toLowerCase()))
      ? ['warning', 'form-action allows every host']
      : undefined;
  });
}

function checkFrames(_context: RuleContext, page: Answer): Outcome {
  // Browsers do not read it in a page.
  const policies = headerPolicies(page);
  const frameOptions = headerOf(page, 'x-frame-options');
  const others = /^(?:deny|sameorigin)$/i.test(frameOptions ?? '');
  const missing: readonly [Level, string] = others
    ? [
        'warning',
        'frame-ancestors is missing: X-Frame-Options alone keeps other sites from framing this page',
      ]
    : ['error', 'frame-ancestors is missing, so that any site frames this page'];
  const fix = "send frame-ancestors 'none'";
  if (policies.length === 0) return fellShort(...missing, evidenceOf(page), fix);
  return ofStrictest(policies, page, fix, (policy) => {
    const sources = policy.get('frame-ancestors');
    if (sources === undefined) return missing;
    return sources.some((source) => isWide(source.toLowerCase()))
      ? ['error', 'frame-ancestors allows every host']
      : undefined;
  });
}

/** The fault of the strictest policy: what one forbids is forbidden. */
function ofStrictest(
  policies: readonly SeenPolicy[],
  page: Answer,
  fix: string,
  judge: (policy: SeenPolicy) => readonly [Level, string] | undefined,
): Outcome {
  if (policies.length === 0) return notSeen(NO_POLICY);
  const faults = policies.map(judge);
  const worst = faults.includes(undefined)
    ? undefined
    : (faults.find((one) => one?.[0] === 'warning') ?? faults[0]);
  return worst === undefined ? held(evidenceOf(page)) : fellShort(...worst, evidenceOf(page), fix);
}

/** 128 bits in base64: 22 characters, padding aside. */
const NONCE_LENGTH = 22;
const NONCED = ['script-src', 'script-src-elem', 'style-src', 'style-src-elem', 'default-src'] as const;

async function checkNonce({ ask }: RuleContext, page: Answer): Promise<Outcome> {
  const sent = noncesOf(page);
  if (sent.length === 0) return notSeen('the policy has no nonce');
  const target = page.url.slice(new URL(page.url).origin.length);
  const again = noncesOf(await ask({ target }));
  const faults: Fault[] = [];
  if (sent.some((nonce) => nonce.length < NONCE_LENGTH)) {
    const fix = 'make a new one of 16 random bytes for each response';
    faults.push(
      fault('warning', 'the nonce is shorter than 128 bits', `of ${sent[0]?.length} characters`, fix),
    );
  }
  if (sent.some((nonce) => again.includes(nonce))) {
    const fix = 'make a new one for each response, and let no cache keep the page';
    faults.push(
      fault(
        'error',
        'two answers have the same nonce: an attacker who reads one can use it',
        'asked twice',
        fix,
      ),
    );
  }
  if (writtenNonces(page).some((nonce) => !sent.includes(nonce))) {
    faults.push(
      fault(
        'error',
        'the nonce in the page is not the one in the header, so that its scripts do not run',
        '<script nonce> differs from script-src',
        'take both from one source: bulwark.of(req).nonce',
      ),
    );
  }
  return judged(faults, `two answers, two nonces of ${sent[0]?.length} characters`);
}

function noncesOf(page: Answer): readonly string[] {
  return headerPolicies(page).flatMap((policy) =>
    NONCED.flatMap((name) => policy.get(name) ?? []).flatMap(
      (source) => /^'nonce-([\w+/-]+)={0,2}'$/i.exec(source)?.[1] ?? [],
    ),
  );
}

function writtenNonces({ body }: Answer): readonly string[] {
  return [...body.matchAll(/<script\b[^>]{0,500}?\snonce=["']?([\w+/-]+)/gi)].map(([, nonce]) => nonce ?? '');
}

const NO_POLICY = 'there is no policy to look at: csp.present says so';

function evidenceOf(page: Answer): string {
  const value = headerOf(page, 'content-security-policy');
  if (value !== undefined)
    return `Content-Security-Policy: ${value.replaceAll(/'nonce-[^']*'/gi, "'nonce-...'")}`;
  return metaPolicies(page).length > 0 ? 'a policy in <meta>' : 'no Content-Security-Policy';
}
