/** What `check` asks of an application about plain http and HSTS. */
import { type Answer, answered, headerValues, type Probe, redirectOf } from '../../core/answer.ts';
import {
  fault,
  type Fault,
  fellShort,
  held,
  judged,
  NothingListens,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';

const YEAR_SECONDS = 31_536_000;
const HSTS_FIX =
  "https: { hsts: 'full' }, which sends Strict-Transport-Security: max-age=63072000; includeSubDomains";
const REDIRECT_FIX =
  'send GET and HEAD to the public origin with 308 and refuse everything else over plain http';
const FOREIGN_HOST = 'bulwark-check.example';
const FORM: Probe = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'bulwark-check=1',
};

/** Rules about transport. */
export const httpsRules: readonly Rule[] = [
  {
    id: 'https.hsts',
    title: 'Browsers are told to use nothing but https, for a year at least and for every subdomain',
    level: 'error',
    guide: 2,
    asvs: ['v5.0.0-3.4.1 (in part)'],
    cwe: ['CWE-319'],
    needs: 'tls',
    run: runHsts,
  },
  {
    id: 'https.plain-http',
    title: 'Plain http leads to https and gives away nothing',
    level: 'error',
    guide: 2,
    asvs: ['v5.0.0-12.2.1 (in part)'],
    cwe: ['CWE-319'],
    needs: 'site',
    run: runPlainGet,
  },
  {
    id: 'https.plain-post',
    title: 'A form sent over plain http is refused, not redirected',
    level: 'error',
    guide: 2,
    asvs: ['v5.0.0-4.1.2 (in part)'],
    cwe: ['CWE-319'],
    needs: 'own-host',
    run: runPlainPost,
  },
  {
    id: 'https.redirect-host',
    title: 'No redirect follows the Host that a request makes up',
    level: 'error',
    guide: 2,
    asvs: ['v5.0.0-3.7.2 (in part)'],
    cwe: ['CWE-601'],
    needs: 'own-host',
    run: runForgedHost,
  },
];

async function runHsts({ site, ordinary }: RuleContext): Promise<Outcome> {
  // RFC 6797 8.1.1: what an address without a name says is not kept.
  if (/^[\d.]+$|:/.test(site.hostname) || site.loopback) {
    return notSeen(`browsers keep no HSTS for ${site.hostname}: give the public name`);
  }
  const answers = await ordinary();
  const faults = new Map(answers.flatMap((answer) => hstsFaults(answer).map((one) => [one.message, one])));
  return judged([...faults.values()], `Strict-Transport-Security in ${answers.length} answers`);
}

/** What one answer lacks. Browsers read the first line of it only (RFC 6797 8.1). */
function hstsFaults(answer: Answer): readonly Fault[] {
  const values = headerValues(answer, 'strict-transport-security');
  const [value] = values;
  const evidence = `${answered(answer)}, ${value === undefined ? 'without Strict-Transport-Security' : `Strict-Transport-Security: ${values.join(' | ')}`}`;
  if (value === undefined) return [fault('error', 'HSTS is missing', evidence, HSTS_FIX)];
  const age = /(?:^|;)[ \t]*max-age[ \t]*=[ \t]*"?(\d{1,12})"?/i.exec(value)?.[1];
  if (age === undefined || Number(age) < YEAR_SECONDS) {
    return [fault('error', 'HSTS is remembered for less than a year', evidence, HSTS_FIX)];
  }
  if (!/(?:^|;)[ \t]*includeSubDomains[ \t]*(?:;|$)/i.test(value)) {
    return [fault('warning', 'HSTS leaves subdomains out', evidence, HSTS_FIX)];
  }
  return new Set(values).size === 1
    ? []
    : [
        fault(
          'warning',
          'HSTS is sent more than once, and browsers read the first line only',
          evidence,
          HSTS_FIX,
        ),
      ];
}

async function runPlainGet(context: RuleContext): Promise<Outcome> {
  const plain = await overPlain(context, (probe) => context.askOnce(probe), {});
  if (!('status' in plain)) return plain;
  const leads = redirectOf(plain);
  const evidence = `${answered(plain)}${leads === undefined ? '' : `, Location: ${leads.href}`}`;
  if (leads?.protocol === 'https:') return held(evidence);
  if (leads !== undefined) {
    return fellShort('error', 'plain http leads to plain http', evidence, REDIRECT_FIX);
  }
  if (plain.status < 400) return fellShort('error', 'plain http is answered', evidence, REDIRECT_FIX);
  return comparedWithHttps(plain, await statusOverHttps(context, (probe) => context.askOnce(probe), {}));
}

async function runPlainPost(context: RuleContext): Promise<Outcome> {
  const plain = await overPlain(context, context.ask, FORM);
  if (!('status' in plain)) return plain;
  const leads = redirectOf(plain);
  if (leads !== undefined) {
    // With 307 and 308 a browser sends the form again, over https: it works, and nobody notices.
    const again = plain.status === 307 || plain.status === 308;
    return fellShort(
      again ? 'error' : 'warning',
      again
        ? 'a form over plain http is sent on as it is, so that nobody notices that it left in clear'
        : 'a form over plain http is redirected, when what is in it has left in clear',
      `${answered(plain)}, Location: ${leads.href}`,
      REDIRECT_FIX,
    );
  }
  if (plain.status < 400) {
    return fellShort('error', 'a form over plain http is answered', answered(plain), REDIRECT_FIX);
  }
  return comparedWithHttps(plain, await statusOverHttps(context, context.ask, FORM));
}

type Ask = (probe: Probe) => Promise<Answer>;

/** The answer over plain http, or the outcome where there is none to judge. */
async function overPlain({ site }: RuleContext, ask: Ask, probe: Probe): Promise<Answer | Outcome> {
  if (site.plain === undefined) return notSeen(NO_PLAIN);
  if (site.loopback) {
    return notSeen(`what goes to ${site.hostname} crosses no network: give the public name`);
  }
  try {
    return await ask({ ...probe, plain: true });
  } catch (error) {
    if (error instanceof NothingListens) return held(`nothing listens at ${site.plain}`);
    throw error;
  }
}

const NO_PLAIN = 'no address over plain http is known: hand it over (plain)';

async function statusOverHttps({ site }: RuleContext, ask: Ask, probe: Probe): Promise<Answer | undefined> {
  return site.secure ? ask(probe) : undefined;
}

/** An error over plain http is a refusal where https answers otherwise; else it is only what stands at that address. */
function comparedWithHttps(plain: Answer, secure: Answer | undefined): Outcome {
  if (secure === undefined) {
    return notSeen(`${answered(plain)}, and there is no https address to compare it with: give that one`);
  }
  return secure.status === plain.status || plain.status >= 500
    ? notSeen(`${answered(plain)}, as https did: whether plain http is refused does not show at this address`)
    : held(`${answered(plain)}, ${secure.status} over https`);
}

async function runForgedHost(context: RuleContext): Promise<Outcome> {
  const { site } = context;
  const reasons: string[] = [];
  let evidence: string | undefined;
  for (const plain of site.plain !== undefined && site.secure ? [false, true] : [false]) {
    const usual = await context.askOnce({ plain });
    const forged = await context.ask({ plain, headers: { host: FOREIGN_HOST } });
    const leads = redirectOf(forged);
    const seen = `${answered(forged)} to Host: ${FOREIGN_HOST}${leads === undefined ? '' : `, Location: ${leads.href}`}`;
    if (leads?.hostname === FOREIGN_HOST) {
      return fellShort(
        'error',
        'a redirect leads wherever the request says it came to',
        seen,
        'build redirects from the public origin of the policy, never from Host',
      );
    }
    if (leads !== undefined || (forged.status >= 400 && usual.status < 400)) evidence ??= seen;
    else reasons.push(seen);
  }
  return evidence === undefined
    ? notSeen(`nothing redirects at this address (${reasons.join('; ')}): give one that does`)
    : held(evidence);
}
