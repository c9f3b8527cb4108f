/** What `check` asks of an application about plain http and HSTS. */
import { type Finding, headerValues, type Observation, PLAIN_GET, type Rule } from '../../core/finding.ts';
import { parseOrigin } from '../../core/origin.ts';

type Found = readonly Omit<Finding, 'rule'>[];

const YEAR_SECONDS = 31_536_000;
const HSTS_FIX =
  "https: { hsts: 'full' }, which sends Strict-Transport-Security: max-age=63072000; includeSubDomains";
const REDIRECT_FIX =
  'send GET and HEAD to the public origin with 308 and refuse everything else over plain http';

/** Rules about transport. The rules on plain http speak where the URL under test is an http one. */
export const httpsRules: readonly Rule[] = [
  {
    id: 'https.hsts',
    title: 'Browsers are told to use nothing but https, for a year at least and for every subdomain',
    asvs: ['v5.0.0-3.4.1'],
    probe: PLAIN_GET,
    check: checkHsts,
  },
  {
    id: 'https.plain-http',
    title: 'Plain http leads to https and gives away nothing',
    asvs: ['v5.0.0-12.2.1'],
    probe: PLAIN_GET,
    check: checkPlainGet,
  },
  {
    id: 'https.plain-post',
    title: 'A form sent over plain http is refused, not redirected',
    asvs: ['v5.0.0-4.1.2'],
    probe: {
      method: 'POST',
      target: '',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1',
    },
    check: checkPlainPost,
  },
  {
    id: 'https.redirect-host',
    title: 'No redirect follows the Host that a request makes up',
    asvs: ['v5.0.0-3.7.2'],
    probe: { method: 'GET', target: '', headers: { host: 'attacker.example' } },
    check: checkForgedHost,
  },
];

function checkHsts(seen: Observation): Found {
  const values = headerValues(seen, 'strict-transport-security');
  const evidence = values.length === 0 ? 'no Strict-Transport-Security' : values.join(' | ');
  const error = (message: string): Found => [{ level: 'error', message, evidence, fix: HSTS_FIX }];
  if (isLoopback(seen)) return [];
  if (!seen.url.startsWith('https:')) {
    return values.length === 0
      ? []
      : [
          {
            level: 'warning',
            message: 'HSTS is sent over plain http, where it means nothing',
            evidence,
            fix: HSTS_FIX,
          },
        ];
  }
  if (values.length === 0) return error('HSTS is missing');
  if (values.length > 1) return error('HSTS is sent more than once; browsers read the first only');
  const age = /(?:^|;)[ \t]*max-age[ \t]*=[ \t]*"?(\d{1,12})"?/i.exec(values[0] ?? '')?.[1];
  if (age === undefined || Number(age) < YEAR_SECONDS)
    return error('HSTS is remembered for less than a year');
  if (!/(?:^|;)[ \t]*includeSubDomains[ \t]*(?:;|$)/i.test(values[0] ?? '')) {
    return [{ level: 'warning', message: 'HSTS leaves subdomains out', evidence, fix: HSTS_FIX }];
  }
  return [];
}

function checkPlainGet(seen: Observation): Found {
  if (!isPlain(seen) || seen.status === 403) return [];
  const location = headerValues(seen, 'location')[0] ?? '';
  const evidence = `${seen.method} answered ${seen.status}${location === '' ? '' : `, Location: ${location}`}`;
  const moved = seen.status >= 300 && seen.status < 400 && location.toLowerCase().startsWith('https://');
  return moved ? [] : [{ level: 'error', message: 'plain http is answered', evidence, fix: REDIRECT_FIX }];
}

function checkPlainPost(seen: Observation): Found {
  if (!isPlain(seen) || seen.status >= 400) return [];
  const message =
    seen.status >= 300
      ? 'a form over plain http is redirected, so that nobody notices that it left in clear'
      : 'a form over plain http is accepted';
  return [{ level: 'error', message, evidence: `${seen.method} answered ${seen.status}`, fix: REDIRECT_FIX }];
}

function checkForgedHost(seen: Observation): Found {
  const location = headerValues(seen, 'location')[0];
  if (location === undefined || !URL.canParse(location, seen.url)) return [];
  return new URL(location, seen.url).hostname === 'attacker.example'
    ? [
        {
          level: 'error',
          message: 'a redirect leads wherever the request says it came to',
          evidence: `Location: ${location}`,
          fix: 'build redirects from the public origin of the policy, never from Host',
        },
      ]
    : [];
}

function isPlain(seen: Observation): boolean {
  return seen.url.startsWith('http:') && !isLoopback(seen);
}

function isLoopback(seen: Observation): boolean {
  return URL.canParse(seen.url) && parseOrigin(new URL(seen.url).origin)?.loopback === true;
}
