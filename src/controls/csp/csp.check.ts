/** What `check` asks of an application about its Content Security Policy. */
import { type Finding, headerValues, type Observation, PLAIN_GET, type Rule } from '../../core/finding.ts';
import { isOpenToAll } from './public-hosts.ts';

type Found = readonly Omit<Finding, 'rule'>[];
type Level = Finding['level'];

/** One policy as browsers read it: the first of two directives of a name counts. */
export type SeenPolicy = ReadonlyMap<string, readonly string[]>;

/** Every policy that an answer is held to. Browsers enforce all of them, so what one forbids is forbidden. */
export function seenPolicies(seen: Observation): readonly SeenPolicy[] {
  return headerValues(seen, 'content-security-policy')
    .flatMap((value) => value.split(','))
    .map(parsePolicy)
    .filter((policy) => policy.size > 0);
}

/** Takes a policy apart (CSP 3, 2.2.1). */
export function parsePolicy(value: string): SeenPolicy {
  const policy = new Map<string, readonly string[]>();
  for (const part of value.split(';')) {
    const [name, ...sources] = part.split(/[\t\n\f\r ]+/).filter((word) => word !== '');
    const key = name?.toLowerCase();
    if (key !== undefined && !policy.has(key)) policy.set(key, sources);
  }
  return policy;
}

/** Rules about the Content Security Policy. */
export const cspRules: readonly Rule[] = [
  {
    id: 'csp.present',
    title: 'Every answer carries a Content Security Policy that is enforced',
    asvs: ['v5.0.0-3.4.3'],
    probe: PLAIN_GET,
    check: checkPresent,
  },
  {
    id: 'csp.script-src',
    title: 'Script runs by nonce, hash or list, never because it is in the page',
    asvs: ['v5.0.0-3.4.3'],
    probe: PLAIN_GET,
    check: (seen) => best(seen, judgeScript, "use a nonce: script-src 'nonce-...' 'strict-dynamic'"),
  },
  only('csp.object-src', 'No plug-in loads anything', 'object-src', ['v5.0.0-3.4.3'], 'error'),
  only('csp.base-uri', 'No injected <base> moves the links of a page', 'base-uri', ['v5.0.0-3.4.3'], 'error'),
  only('csp.form-action', 'Forms go where the policy says', 'form-action', [], 'warning'),
  only('csp.frame-ancestors', 'No other site frames the pages', 'frame-ancestors', ['v5.0.0-3.4.6'], 'error'),
  {
    id: 'csp.nonce',
    title: 'The nonce of the header is the nonce of the page, and cannot be guessed',
    asvs: ['v5.0.0-3.4.3'],
    probe: PLAIN_GET,
    check: checkNonce,
  },
];

/** What is wrong with one policy in one respect: undefined where nothing is. */
type Judge = (policy: SeenPolicy) => { readonly level: Level; readonly message: string } | undefined;

/** The finding of the strictest policy; none where there is no policy at all, which is a finding of its own. */
function best(seen: Observation, judge: Judge, fix: string): Found {
  const policies = seenPolicies(seen);
  const faults = policies.map(judge);
  const fault = faults.includes(undefined)
    ? undefined
    : (faults.find((one) => one?.level === 'warning') ?? faults[0]);
  return fault === undefined ? [] : [{ ...fault, evidence: evidenceOf(seen), fix }];
}

function checkPresent(seen: Observation): Found {
  if (seenPolicies(seen).length > 0) return [];
  const reportOnly = headerValues(seen, 'content-security-policy-report-only').length > 0;
  return [
    {
      level: 'error',
      message: reportOnly ? 'the policy is only reported, not enforced' : 'there is no policy',
      evidence: reportOnly ? 'Content-Security-Policy-Report-Only alone' : 'no Content-Security-Policy',
      fix: reportOnly
        ? "csp: { mode: 'enforce' }, once nothing that the pages need is reported"
        : "csp: { mode: 'enforce' }",
    },
  ];
}

function judgeScript(policy: SeenPolicy): ReturnType<Judge> {
  const sources = policy.get('script-src') ?? policy.get('default-src');
  if (sources === undefined) return { level: 'error', message: 'script from anywhere runs' };
  for (const own of [sources, policy.get('script-src-elem'), policy.get('script-src-attr')]) {
    const fault =
      own === undefined ? undefined : judgeScriptSources(own.map((source) => source.toLowerCase()));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function judgeScriptSources(sources: readonly string[]): ReturnType<Judge> {
  const trusted = sources.some((source) => /^'(?:nonce|sha256|sha384|sha512)-/.test(source));
  const dynamic = sources.includes("'strict-dynamic'");
  if (sources.includes("'unsafe-inline'") && !trusted && !dynamic) {
    return { level: 'error', message: 'script that an attacker gets into the page runs (unsafe-inline)' };
  }
  // Under strict-dynamic browsers ignore hosts and schemes.
  if (!dynamic && sources.some(isWide)) {
    return { level: 'error', message: 'script of every host runs, those of attackers too' };
  }
  if (sources.includes("'unsafe-eval'")) {
    return { level: 'warning', message: 'text that reaches eval runs (unsafe-eval)' };
  }
  return undefined;
}

const WILDCARD = /^(?:(?:https?:\/\/)?\*(?:$|[:/])|(?:https?|data|blob|filesystem|ws|wss):$)/;

function isWide(source: string): boolean {
  return WILDCARD.test(source) || isOpenToAll(source);
}

/** A rule on a directive that should name nothing, or nothing but this origin and a few others. */
function only(id: string, title: string, name: string, asvs: readonly string[], missing: Level): Rule {
  const mustBeNone = name === 'object-src' || name === 'base-uri';
  const judge: Judge = (policy) => {
    const sources = policy.get(name) ?? (name === 'object-src' ? policy.get('default-src') : undefined);
    if (sources === undefined)
      return { level: missing, message: `${name} is missing, so that anything goes` };
    if (sources.some((source) => isWide(source.toLowerCase()))) {
      return { level: 'error', message: `${name} allows every host` };
    }
    const none = sources.length === 0 || (sources.length === 1 && sources[0]?.toLowerCase() === "'none'");
    return mustBeNone && !none ? { level: 'warning', message: `${name} is not 'none'` } : undefined;
  };
  return {
    id,
    title,
    asvs,
    probe: PLAIN_GET,
    check: (seen) => best(seen, judge, `send ${name} ${name === 'form-action' ? "'self'" : "'none'"}`),
  };
}

/** 128 bits in base64: 22 characters, padding aside. */
const NONCE_LENGTH = 22;

function checkNonce(seen: Observation): Found {
  const sent = seenPolicies(seen).flatMap((policy) =>
    [...policy.values()].flat().flatMap((source) => /^'nonce-([\w+/-]+)={0,2}'$/i.exec(source)?.[1] ?? []),
  );
  if (sent.length === 0) return [];
  const found: Omit<Finding, 'rule'>[] = [];
  if (sent.some((nonce) => nonce.length < NONCE_LENGTH)) {
    found.push({
      level: 'warning',
      message: 'the nonce is shorter than 128 bits',
      evidence: evidenceOf(seen),
      fix: 'make a new one of 16 random bytes for each response',
    });
  }
  const written = /<script\b[^>]{0,500}?\snonce=["']?([\w+/-]+)/i.exec(seen.body)?.[1];
  if (written !== undefined && !sent.includes(written)) {
    found.push({
      level: 'error',
      message: 'the nonce in the page is not the one in the header, so that its scripts do not run',
      evidence: '<script nonce> differs from script-src',
      fix: 'take both from one source: bulwark.of(req).nonce',
    });
  }
  return found;
}

function evidenceOf(seen: Observation): string {
  return `Content-Security-Policy: ${headerValues(seen, 'content-security-policy').join(' | ')}`;
}
