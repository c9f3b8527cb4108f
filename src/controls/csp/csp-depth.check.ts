/** What `check` asks of a Content Security Policy in depth: whom it trusts, whether it is written as it was meant, and every page. */
import { type Answer, answered, headerOf } from '../../core/answer.ts';
import { nearest } from '../../core/nearest.ts';
import {
  type AsvsId,
  type CweId,
  fault,
  type Fault,
  held,
  judged,
  type Level,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';
import { resourcesOf } from '../../core/seen-page.ts';
import { bypassedHosts, KNOWN_BYPASSES } from './bypasses.ts';
import { allPolicies, headerPolicies, type SeenPolicy } from './seen-policy.ts';

/** Rules that look deeper. */
export const cspDepthRules: readonly Rule[] = [
  rule('csp.bypass-hosts', 'No host that script may come from hands out script of anybody', 'warning', checkHosts, ['CWE-79']),
  rule('csp.nonce-cached', 'No cache keeps a page with its nonce', 'error', checkCached, ['CWE-330', 'CWE-524']),
  rule('csp.fallback', 'What no directive names is not allowed by that', 'warning', checkFallback, ['CWE-693']),
  rule('csp.written', 'Browsers read the policy as it was meant', 'warning', checkWritten, ['CWE-693'], []),
  rule('csp.every-page', 'Every page that links lead to carries a policy, and its own nonce', 'error', checkEveryPage, ['CWE-693', 'CWE-79']),
  rule('csp.integrity', 'Script and style of other hosts come with their hash', 'warning', checkIntegrity, ['CWE-353', 'CWE-830'], ['v5.0.0-3.6.1 (in part)']),
]; // prettier-ignore

function rule(
  id: string,
  title: string,
  level: Level,
  run: (context: RuleContext) => Promise<Outcome>,
  cwe: readonly CweId[],
  asvs: readonly AsvsId[] = ['v5.0.0-3.4.3 (in part)'],
): Rule {
  return { id, title, level, guide: 3, asvs, cwe, needs: 'page', run };
}

const NO_POLICY = 'there is no policy to look at: csp.present says so';

async function checkHosts({ page }: RuleContext): Promise<Outcome> {
  const answer = await page();
  const policies = allPolicies(answer);
  if (policies.length === 0) return notSeen(NO_POLICY);
  // Browsers enforce all policies at once: a host is open only where every policy has it.
  const [first = [], ...rest] = policies.map(bypassesIn);
  const open = first.filter((host) => rest.every((others) => others.includes(host)));
  return judged(
    open
      .slice(0, 5)
      .map((host) =>
        fault(
          'warning',
          `script may come from ${host}, where anybody gets script of their own`,
          `${answered(answer)}, script-src allows ${host}`,
          "use a nonce and 'strict-dynamic', which make browsers ignore hosts, or host the file yourself",
        ),
      ),
    `none of ${KNOWN_BYPASSES} known addresses is allowed`,
  );
}

function bypassesIn(policy: SeenPolicy): readonly string[] {
  const sources = (
    policy.get('script-src-elem') ??
    policy.get('script-src') ??
    policy.get('default-src') ??
    []
  ).map((source) => source.toLowerCase());
  if (sources.includes("'strict-dynamic'")) return [];
  const evals = (policy.get('script-src') ?? policy.get('default-src') ?? []).some(
    (source) => source.toLowerCase() === "'unsafe-eval'",
  );
  return bypassedHosts(sources, evals);
}

async function checkCached({ page }: RuleContext): Promise<Outcome> {
  const answer = await page();
  if (!allPolicies(answer).some(hasNonce)) return notSeen('the policy has no nonce');
  const cache = (headerOf(answer, 'cache-control') ?? '').toLowerCase();
  const age = Number(headerOf(answer, 'age') ?? 0);
  const evidence = `${answered(answer)}, Cache-Control: ${cache === '' ? 'none' : cache}${age > 0 ? `, Age: ${age}` : ''}`;
  const fix = 'send Cache-Control: no-store or private, no-cache with every page that has a nonce';
  if (age > 0) {
    return judged(
      [
        fault(
          'error',
          'a page with a nonce comes out of a cache: whoever asks gets the same nonce',
          evidence,
          fix,
        ),
      ],
      '',
    );
  }
  if (/no-store|no-cache/.test(cache)) return judged([], evidence);
  const seconds = (name: string): number =>
    Number(new RegExp(`(?:^|[ ,])${name}=(\\d{1,10})`).exec(cache)?.[1] ?? 0);
  if (/(?:^|[ ,])private(?:[ ,]|$)/.test(cache)) {
    return judged(
      seconds('max-age') > 0
        ? [
            fault(
              'note',
              'a browser keeps a page with its nonce, so that script which was let in once is let in again',
              evidence,
              fix,
            ),
          ]
        : [],
      evidence,
    );
  }
  const shared =
    seconds('s-maxage') > 0 || seconds('max-age') > 0 || /(?:^|[ ,])public(?:[ ,]|$)/.test(cache);
  const guessed = cache === '' && headerOf(answer, 'last-modified') !== undefined;
  if (shared)
    return judged(
      [fault('error', 'caches may keep a page with its nonce, and hand both to everybody', evidence, fix)],
      '',
    );
  return judged(
    guessed
      ? [
          fault(
            'warning',
            'caches may keep a page with its nonce: there is a Last-Modified and nothing against it',
            evidence,
            fix,
          ),
        ]
      : [],
    evidence,
  );
}

function hasNonce(policy: SeenPolicy): boolean {
  return [...policy.values()].flat().some((source) => /^'nonce-/i.test(source));
}

async function checkFallback({ page }: RuleContext): Promise<Outcome> {
  const answer = await page();
  const policies = headerPolicies(answer);
  if (policies.length === 0) return notSeen(NO_POLICY);
  const evidence = `${answered(answer)}, directives: ${policies.map((one) => [...one.keys()].join(' ')).join(' | ')}`;
  const faults: Fault[] = [];
  if (policies.every((policy) => !policy.has('default-src'))) {
    faults.push(
      fault(
        'warning',
        'default-src is missing: whatever no directive names may come from anywhere',
        evidence,
        "send default-src 'none' or 'self'",
      ),
    );
  }
  const style = (policy: SeenPolicy): readonly string[] | undefined =>
    policy.get('style-src') ?? policy.get('default-src');
  if (
    policies.every(
      (policy) => style(policy)?.some((source) => source.toLowerCase() === "'unsafe-inline'") === true,
    )
  ) {
    faults.push(
      fault(
        'note',
        'style that an attacker gets into the page applies, and can read fields by it',
        evidence,
        "style-src 'self' 'nonce-...'",
      ),
    );
  }
  return judged(faults, evidence);
}

const KNOWN = [
  'default-src', 'script-src', 'script-src-elem', 'script-src-attr', 'style-src', 'style-src-elem', 'style-src-attr', 'img-src',
  'font-src', 'connect-src', 'media-src', 'manifest-src', 'worker-src', 'child-src', 'frame-src', 'object-src', 'base-uri',
  'form-action', 'frame-ancestors', 'sandbox', 'trusted-types', 'require-trusted-types-for', 'upgrade-insecure-requests',
  'report-uri', 'report-to', 'fenced-frame-src', 'webrtc',
]; // prettier-ignore
const FORMER = new Set([
  'block-all-mixed-content', 'plugin-types', 'prefetch-src', 'referrer', 'reflected-xss', 'require-sri-for', 'navigate-to',
]); // prettier-ignore
const KEYWORD =
  /^(?:self|none|unsafe-inline|unsafe-eval|unsafe-hashes|strict-dynamic|wasm-unsafe-eval|report-sample|nonce-.{4,}|sha(?:256|384|512)-.{10,})$/i;

async function checkWritten({ page }: RuleContext): Promise<Outcome> {
  const answer = await page();
  const policies = headerPolicies(answer);
  if (policies.length === 0) return notSeen(NO_POLICY);
  const faults = policies.flatMap((policy) =>
    [...policy].flatMap(([name, sources]) => writtenFaults(answer, name, sources)),
  );
  return judged(
    faults.slice(0, 8),
    `${answered(answer)}, ${policies.map((one) => one.size).join(' and ')} directives`,
  );
}

function writtenFaults(answer: Answer, name: string, sources: readonly string[]): readonly Fault[] {
  const seen =
    `${answered(answer)}, ${name} ${sources.join(' ').replaceAll(/'nonce-[^']*'/gi, "'nonce-...'")}`.slice(
      0,
      300,
    );
  if (FORMER.has(name))
    return [fault('note', `${name} is no directive any more: browsers pass it over`, seen, `remove ${name}`)];
  if (!KNOWN.includes(name)) {
    const guess = nearest(name, KNOWN);
    return [
      fault(
        'warning',
        `${name.slice(0, 40)} is no directive: browsers pass it over`,
        seen,
        guess === undefined ? 'remove it' : `write ${guess}`,
      ),
    ];
  }
  const faults: Fault[] = [];
  const bare = sources.find((source) => KEYWORD.test(source));
  if (bare !== undefined && !['sandbox', 'report-to', 'trusted-types'].includes(name)) {
    faults.push(
      fault(
        'warning',
        'a keyword stands without its quotes, and is read as a host',
        seen,
        `write '${bare.split('-', 1)[0]}...' in single quotes`,
      ),
    );
  }
  const swallowed = sources.find((source) => KNOWN.includes(source.toLowerCase()));
  if (swallowed !== undefined && name !== 'trusted-types') {
    faults.push(
      fault(
        'warning',
        `${swallowed} is read as a source of ${name}: a semicolon is missing before it`,
        seen,
        `write ; before ${swallowed}`,
      ),
    );
  }
  if (
    sources.length > 1 &&
    sources.some((source) => source.toLowerCase() === "'none'") &&
    name !== 'trusted-types'
  ) {
    faults.push(
      fault(
        'warning',
        "'none' stands beside other sources, and is passed over",
        seen,
        "leave 'none' alone, or out",
      ),
    );
  }
  return faults;
}

async function checkEveryPage({ crawl, page }: RuleContext): Promise<Outcome> {
  const first = await page();
  const { pages } = await crawl();
  const rest = pages.filter((one) => one.url !== first.url);
  if (headerPolicies(first).length === 0) return notSeen(NO_POLICY);
  if (rest.length === 0) return held(`${answered(first)}, and no link leads to another page`);
  const fix = 'set the policy in one place, for all pages';
  const bare = rest.filter((one) => headerPolicies(one).length === 0);
  const faults = bare
    .slice(0, 3)
    .map((one) => fault('error', 'a page has no policy that is enforced', answered(one), fix));
  const torn = rest.filter((one) => {
    const sent = new Set(
      headerPolicies(one)
        .flatMap((policy) => [...policy.values()].flat())
        .filter((source) => /^'nonce-/i.test(source)),
    );
    return sent.size > 0 && noncesIn(one).some((nonce) => !sent.has(`'nonce-${nonce}'`));
  });
  faults.push(
    ...torn
      .slice(0, 3)
      .map((one) =>
        fault(
          'error',
          'the nonce in the page is not the one in its header, so that its scripts do not run',
          answered(one),
          'take both from one source: bulwark.of(req).nonce',
        ),
      ),
  );
  return judged(faults, `${pages.length} pages`);
}

function noncesIn({ body }: Answer): readonly string[] {
  return [...body.matchAll(/<script\b[^>]{0,500}?\snonce=["']?([\w+/=-]{1,200})/gi)].map(
    ([, nonce]) => nonce ?? '',
  );
}

async function checkIntegrity({ crawl, site }: RuleContext): Promise<Outcome> {
  const { pages } = await crawl();
  const foreign = pages.flatMap((page) =>
    resourcesOf(page)
      .filter(({ kind, url }) => (kind === 'script' || kind === 'style') && url.origin !== site.origin)
      .map((resource) => ({ page, resource })),
  );
  if (foreign.length === 0)
    return judged([], `${pages.length} pages load no script or style of another host`);
  const hosts = new Map(
    foreign
      .filter(({ resource }) => !/\bsha(?:256|384|512)-/.test(resource.integrity ?? ''))
      .map((one) => [one.resource.url.host, one]),
  );
  return judged(
    [...hosts.values()]
      .slice(0, 5)
      .map(({ page, resource }) =>
        fault(
          'warning',
          `a ${resource.kind} of ${resource.url.host} is loaded without its hash`,
          `${answered(page)}, ${resource.url.href}`,
          'add integrity="sha384-..." and crossorigin="anonymous", or serve the file yourself',
        ),
      ),
    `${foreign.length} files of other hosts, each with its hash`,
  );
}
