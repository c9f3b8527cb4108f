/** What `check` asks of an application about the reading of requests. */
import { type Answer, answered, headerOf, type Probe, redirectOf, titleOf } from '../../core/answer.ts';
import {
  type AsvsId,
  type CweId,
  fellShort,
  held,
  type Level,
  type Need,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
  UNKNOWN_PATH,
} from '../../core/rule.ts';
import { randomId } from '../../core/random.ts';
import { checkOverride, checkTrace, checkUnusedMethod } from './method-probes.ts';
import { checkPath } from './path-probes.ts';

/** A name that nobody answers for (RFC 2606). */
const FOREIGN_HOST = 'bulwark-check.example';
const TRUST_FIX = 'believe forwarding headers only from the addresses of your own proxies: proxy.trusted';

/** Rules about the reading of requests. */
export const firewallRules: readonly Rule[] = [
  rule('firewall.method-trace', 'TRACE is refused', checkTrace, ['v5.0.0-13.4.4'], ['CWE-200']),
  rule(
    'firewall.method-unused',
    'Methods that nobody serves are refused, with Allow',
    checkUnusedMethod,
    ['v5.0.0-4.1.4 (in part)'],
    [],
    'warning',
    'A method that nobody thought of goes past rules that name methods.',
  ),
  rule(
    'firewall.method-override',
    'No header changes the method behind the rules',
    checkOverride,
    ['v5.0.0-4.1.4 (in part)'],
    ['CWE-436'],
  ),
  rule('firewall.host', 'A Host that is not ours is refused', checkHost, [], ['CWE-348']),
  rule(
    'firewall.forwarded-host',
    'A forged X-Forwarded-Host reaches no link',
    checkForwardedHost,
    ['v5.0.0-4.1.3 (in part)'],
    ['CWE-348'],
  ),
  rule(
    'firewall.forwarded-proto',
    'A forged X-Forwarded-Proto does not pass for https',
    checkForwardedProto,
    ['v5.0.0-4.1.3 (in part)'],
    ['CWE-348'],
  ),
  rule(
    'firewall.dot-segments',
    'Encoded dot segments lead nowhere',
    (context) =>
      checkPath(context, '/%2e%2e/%2e%2e/%2e%2e/etc/passwd', '/bulwark-check/%2e%2e', {
        // RFC 3986 6.2.2.2 has it for the same path.
        level: 'note',
      }),
    ['v5.0.0-1.1.1 (in part)'],
    ['CWE-22', 'CWE-41'],
  ),
  rule(
    'firewall.encoded-slash',
    'Encoded slashes in a path lead nowhere',
    (context) => checkPath(context, '/..%2f..%2f..%2fetc%2fpasswd', '/bulwark-check%2f..'),
    ['v5.0.0-1.1.1 (in part)'],
    ['CWE-22', 'CWE-41'],
  ),
  rule(
    'firewall.double-encoding',
    'Paths that decode twice lead nowhere',
    (context) =>
      checkPath(context, '/%252e%252e/%252e%252e/%252e%252e/etc/passwd', '/bulwark-check/%252e%252e'),
    ['v5.0.0-1.1.1 (in part)'],
    ['CWE-22', 'CWE-174'],
  ),
  rule(
    'firewall.nul',
    'A path with NUL leads nowhere',
    (context) => checkPath(context, '/etc/passwd%00.png', '', { after: '%00.png' }),
    [],
    ['CWE-158'],
  ),
  rule(
    'firewall.h2c',
    'Nobody tunnels past the proxy by an upgrade to h2c',
    checkH2c,
    ['v5.0.0-4.2.1 (in part)'],
    ['CWE-444'],
  ),
];

function rule(
  id: string,
  title: string,
  run: (context: RuleContext) => Promise<Outcome>,
  asvs: readonly AsvsId[],
  cwe: readonly CweId[],
  level: Level = 'error',
  why?: string,
): Rule {
  const needs: Need = 'own-host';
  return { id, title, level, guide: 9, asvs, cwe, needs, run, ...(why !== undefined && { why }) };
}

async function checkHost({ ask, askOnce }: RuleContext): Promise<Outcome> {
  const usual = await askOnce();
  const forged = await ask({ target: unlikeOthers(usual), headers: { host: FOREIGN_HOST } });
  const seen = `${answered(forged)} to Host: ${FOREIGN_HOST}`;
  const fix = 'answer only for the hosts you serve, with and without the port';
  if (usual.status >= 400) return notSeen(`${answered(usual)} to our own Host: give the address of a page`);
  const place = placeOf(forged);
  if (place !== undefined) {
    return fellShort(
      'error',
      'links are built from the Host that a request makes up',
      `${FOREIGN_HOST} in ${place}`,
      fix,
    );
  }
  if (forged.status >= 400) return held(seen);
  const leads = redirectOf(forged);
  if (leads !== undefined) return held(`${seen}, Location: ${leads.href}`);
  return forged.status === usual.status && titleOf(forged) === titleOf(usual)
    ? fellShort('warning', 'a page is handed out for any Host', seen, fix)
    : notSeen(`${seen}, but not with the page: another site may answer there`);
}

/** The forged name in any place where a browser or a cache would follow it. */
function placeOf(answer: Answer): string | undefined {
  const header = answer.rawHeaders.find((text, index) => index % 2 === 1 && text.includes(FOREIGN_HOST));
  return header ?? (answer.body.includes(FOREIGN_HOST) ? 'the body' : undefined);
}

async function checkForwardedHost({ ask, askOnce }: RuleContext): Promise<Outcome> {
  const usual = await askOnce();
  const headers = { 'x-forwarded-host': FOREIGN_HOST };
  const answers = [
    await ask({ target: unlikeOthers(usual), headers }),
    await ask({ target: `${UNKNOWN_PATH}-link`, headers }),
  ];
  for (const answer of answers) {
    const place = placeOf(answer);
    if (place !== undefined) {
      return fellShort(
        'error',
        'a forged X-Forwarded-Host comes back in the answer',
        `${answered(answer)}, ${FOREIGN_HOST} in ${place}`,
        'build links from the configured public origin, never from request headers',
      );
    }
  }
  if (usual.status >= 400) return notSeen(`${answered(usual)}: give an address that leads somewhere`);
  return held(`${FOREIGN_HOST} in none of ${answers.length} answers`);
}

/** Plain http, handed out because the request claims to have come over https. */
async function checkForwardedProto({ site, ask, askOnce }: RuleContext): Promise<Outcome> {
  if (site.plain === undefined) return notSeen('no address over plain http is known: hand it over (plain)');
  const usual = await askOnce({ plain: true });
  if (usual.status < 300) {
    return notSeen(`${answered(usual)}: plain http is answered anyway`);
  }
  const forged = await ask({ plain: true, headers: { 'x-forwarded-proto': 'https' } });
  const seen = `${answered(forged)} with X-Forwarded-Proto: https, ${usual.status} without`;
  if (forged.status < 300) {
    return fellShort('error', 'X-Forwarded-Proto is believed from anyone', seen, TRUST_FIX);
  }
  if (forged.status !== usual.status) {
    return notSeen(`${seen}: it makes a difference, but not one that gives a page away`);
  }
  // An error that https has too is only what stands at that address.
  return redirectOf(usual) !== undefined || !site.secure || (await askOnce()).status !== usual.status
    ? held(seen)
    : notSeen(`${seen}, and over https: give the address of a page`);
}

/** The same page under an address that no cache has: what a forged header changes must be kept for nobody. */
function unlikeOthers(usual: Answer): string {
  const url = new URL(usual.url);
  url.searchParams.set('bulwark-check', randomId(8));
  return `${url.pathname}${url.search}`;
}

const H2C: Probe = {
  headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' },
};

async function checkH2c({ ask }: RuleContext): Promise<Outcome> {
  const answer = await ask(H2C);
  const seen = `${answered(answer)} to an upgrade to h2c`;
  if (answer.status === 101 && /h2c/i.test(headerOf(answer, 'upgrade') ?? '')) {
    return fellShort(
      'error',
      'an upgrade to h2c was accepted',
      seen,
      'put Bulwark in front of the application',
    );
  }
  return answer.status >= 500 ? notSeen(seen) : held(seen);
}
