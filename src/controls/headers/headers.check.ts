/** What `check` asks of an application about the headers of its answers. */
import { type Answer, answered, headerOf, headerValues } from '../../core/answer.ts';
import {
  type AsvsId,
  type CweId,
  fault,
  type Fault,
  fellShort,
  held,
  judged,
  type Level,
  type Need,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';
import { cookiesSet, looksLikeSession } from '../../core/seen-cookies.ts';
import { REMOVED_HEADERS } from './headers.ts';

/** Rules about headers. */
export const headersRules: readonly Rule[] = [
  rule('headers.nosniff', 'Answers are read as what they say they are', 'error', checkSniffing, 'site', [
    'v5.0.0-3.4.4 (in part)',
  ]),
  rule(
    'headers.frame-options',
    'Old browsers do not frame the pages either',
    'warning',
    checkFrames,
    'page',
    [],
    'CWE-1021',
  ),
  rule(
    'headers.referrer-policy',
    'Other sites learn no path of this one',
    'error',
    checkReferrer,
    'page',
    ['v5.0.0-3.4.5 (in part)'],
    'CWE-200',
  ),
  rule(
    'headers.opener-policy',
    'Windows of other sites have no hold on this one',
    'warning',
    checkOpener,
    'page',
    ['v5.0.0-3.4.8 (in part)'],
  ),
  rule(
    'headers.resource-policy',
    'Other sites cannot embed what is answered here',
    'note',
    checkResource,
    'page',
    ['v5.0.0-3.5.8 (in part)'],
  ),
  rule(
    'headers.permissions-policy',
    'Pages give up camera, microphone and location',
    'note',
    checkPermissions,
    'page',
    [],
  ),
  rule(
    'headers.disclosure',
    'No answer names the software behind it',
    'warning',
    checkDisclosure,
    'site',
    ['v5.0.0-13.4.6 (in part)'],
    'CWE-497',
  ),
  rule(
    'headers.cache',
    'No cache keeps an answer that begins or reads a session',
    'error',
    checkCache,
    'site',
    ['v5.0.0-14.2.2 (in part)', 'v5.0.0-14.3.2 (in part)'],
    'CWE-524',
  ),
];

function rule(
  id: string,
  title: string,
  level: Level,
  run: (context: RuleContext) => Promise<Outcome>,
  needs: Need,
  asvs: readonly AsvsId[],
  cwe: CweId = 'CWE-693',
): Rule {
  return { id, title, level, guide: 4, asvs, cwe: [cwe], needs, run };
}

async function checkSniffing({ ordinary }: RuleContext): Promise<Outcome> {
  // An empty answer has nothing to be guessed at.
  const answers = (await ordinary()).filter(({ body }) => body !== '');
  if (answers.length === 0) return notSeen('every answer was empty');
  // Fetch standard: the first value counts.
  const bare = answers.filter(
    (answer) => headerOf(answer, 'x-content-type-options')?.split(',')[0]?.trim().toLowerCase() !== 'nosniff',
  );
  return judged(
    bare
      .slice(0, 1)
      .map((answer) =>
        fault(
          'error',
          'browsers may guess the type of an answer, and run an upload as a page or script',
          `${answered(answer)}, ${shown(answer, 'X-Content-Type-Options')}`,
          'send X-Content-Type-Options: nosniff, or leave it to Bulwark',
        ),
      ),
    `X-Content-Type-Options: nosniff in ${answers.length} answers`,
  );
}

async function checkFrames({ page }: RuleContext): Promise<Outcome> {
  const answer = await page();
  // Several values that are the same are one (HTML, 7.5.2).
  const values = new Set(listOf(answer, 'x-frame-options'));
  const [value = ''] = values;
  const evidence = shown(answer, 'X-Frame-Options');
  if (values.size === 1 && ['deny', 'sameorigin'].includes(value)) return held(evidence);
  const byPolicy = /frame-ancestors/i.test(headerOf(answer, 'content-security-policy') ?? '');
  return fellShort(
    byPolicy ? 'note' : 'warning',
    'browsers that do not know frame-ancestors let any site frame this page',
    evidence,
    'send X-Frame-Options: DENY, or leave it to Bulwark',
  );
}

const KNOWN_REFERRER = new Set([
  'no-referrer', 'same-origin', 'origin', 'strict-origin', 'origin-when-cross-origin', 'strict-origin-when-cross-origin',
  'no-referrer-when-downgrade', 'unsafe-url',
]); // prettier-ignore
const TELLS_PATHS = new Set(['no-referrer-when-downgrade', 'unsafe-url']);

async function checkReferrer({ page }: RuleContext): Promise<Outcome> {
  const answer = await page();
  const inPage = /<meta\s[^>]{0,300}name\s*=\s*["']?referrer["'\s][^>]{0,300}/i.exec(answer.body)?.[0];
  const said = /content\s*=\s*["']?([\w-]+)/i.exec(inPage ?? '')?.[1]?.toLowerCase();
  // A list is of fallbacks: the last that a browser knows counts; the page speaks after the header.
  const policy = [...listOf(answer, 'referrer-policy'), ...(said === undefined ? [] : [said])].findLast(
    (one) => KNOWN_REFERRER.has(one),
  );
  const evidence =
    inPage === undefined ? shown(answer, 'Referrer-Policy') : `<meta name="referrer" content="${said}">`;
  const fix = 'send Referrer-Policy: strict-origin-when-cross-origin, or leave it to Bulwark';
  if (policy === undefined) {
    return fellShort(
      'warning',
      'what other sites learn of the address a visitor comes from is left to the browser',
      evidence,
      fix,
    );
  }
  return TELLS_PATHS.has(policy)
    ? fellShort('error', 'other sites learn the whole address that a visitor comes from', evidence, fix)
    : held(evidence);
}

async function checkOpener({ page, site }: RuleContext): Promise<Outcome> {
  if (!site.secure && !site.loopback)
    return notSeen('browsers heed this header over https only: give the https address');
  const answer = await page();
  const value = listOf(answer, 'cross-origin-opener-policy').join(',').split(';')[0]?.trim() ?? '';
  const evidence = shown(answer, 'Cross-Origin-Opener-Policy');
  return ['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups'].includes(value)
    ? held(evidence)
    : fellShort(
        'warning',
        'a page that opens this one keeps a reference to its window',
        evidence,
        'send Cross-Origin-Opener-Policy: same-origin, or leave it to Bulwark',
      );
}

const EMBEDDED = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };

async function checkResource({ page, askOnce }: RuleContext): Promise<Outcome> {
  const answer = await page();
  const evidence = shown(answer, 'Cross-Origin-Resource-Policy');
  const [value = ''] = listOf(answer, 'cross-origin-resource-policy');
  if (value === 'same-origin' || value === 'same-site') return held(evidence);
  // The other way to keep it from being embedded (ASVS 3.5.8).
  const embedded = await askOnce({
    target: answer.url.slice(new URL(answer.url).origin.length),
    headers: EMBEDDED,
  });
  if (embedded.status >= 400) return held(`${answered(embedded)} where another site embeds it`);
  return fellShort(
    'note',
    'nothing tells browsers to keep this answer out of the pages of other sites',
    evidence,
    'send Cross-Origin-Resource-Policy: same-origin, or leave it to Bulwark',
  );
}

async function checkPermissions({ page }: RuleContext): Promise<Outcome> {
  const answer = await page();
  const value = headerOf(answer, 'permissions-policy') ?? '';
  const open = ['camera', 'microphone', 'geolocation'].filter(
    (feature) => !new RegExp(`(?:^|,)[ ]*${feature}=(?:\\((?![^)]*\\*)|self)`).test(value),
  );
  return open.length === 0
    ? held(`Permissions-Policy: ${value}`)
    : fellShort(
        'note',
        `script in this page may ask for: ${open.join(', ')}`,
        shown(answer, 'Permissions-Policy'),
        'send Permissions-Policy: camera=(),microphone=(),geolocation=()',
      );
}

async function checkDisclosure({ ordinary }: RuleContext): Promise<Outcome> {
  const answers = await ordinary();
  const faults = new Map<string, Fault>();
  for (const name of REMOVED_HEADERS) {
    for (const value of answers.flatMap((answer) => headerValues(answer, name))) {
      // A number is what a list of known holes is searched by.
      const exact = /\d/.test(value);
      const message = exact
        ? `${name} tells attackers which software to look up, and which version of it`
        : `${name} tells attackers which software to look up`;
      faults.set(
        name,
        fault(exact ? 'warning' : 'note', message, `${name}: ${value}`, `remove ${name}, at the proxy too`),
      );
    }
  }
  return judged([...faults.values()], `${answers.length} answers`);
}

async function checkCache(context: RuleContext): Promise<Outcome> {
  const visits = await context.ordinary();
  const visitor = context.hasAccount ? await context.signedIn() : undefined;
  const begun = [...visits, ...(visitor?.answers ?? [])].filter(beginsSession);
  const usual = await context.askOnce();
  const own = await visitor?.ask();
  // A page that is the same for everybody may be kept.
  const personal =
    own !== undefined && own.status < 300 && bareText(own) !== bareText(usual) ? own : undefined;
  if (begun.length === 0 && personal === undefined) {
    return notSeen(
      visitor === undefined
        ? 'no answer began a session: hand over an account (signIn)'
        : 'no answer began a session, and the page is the same for who is signed in: give one that is not',
    );
  }
  const faults = [
    ...begun
      .filter((answer) => !isPrivate(answer))
      .slice(0, 1)
      .map(sharedFault),
    ...(personal === undefined || cacheOf(personal).includes('no-store') ? [] : [ownFault(personal)]),
  ];
  return judged(
    faults,
    `Cache-Control in ${begun.length + (personal === undefined ? 0 : 1)} answers with a session`,
  );
}

const CACHE_FIX = 'send Cache-Control: no-store with every answer that begins or reads a session';

function sharedFault(answer: Answer): Fault {
  const stored = /\b(?:public|s-maxage=[1-9])/.test(cacheOf(answer));
  return fault(
    stored ? 'error' : 'warning',
    stored
      ? 'a shared cache may hand the session of one visitor to the next'
      : 'nothing keeps a shared cache from handing the session of one visitor to the next',
    `${answered(answer)} with a session cookie, ${shown(answer, 'Cache-Control')}`,
    CACHE_FIX,
  );
}

function ownFault(answer: Answer): Fault {
  return fault(
    isPrivate(answer) ? 'note' : 'warning',
    'a page of somebody who is signed in may stay in a cache',
    `${answered(answer)} when signed in, ${shown(answer, 'Cache-Control')}`,
    CACHE_FIX,
  );
}

/** The text of a page without its nonces and tokens, which differ in each answer. */
function bareText({ body }: Answer): string {
  return body.replaceAll(/[\w+/=-]{16,}/g, '');
}

function beginsSession(answer: Answer): boolean {
  return cookiesSet([answer]).some(({ name }) => looksLikeSession(name));
}

function isPrivate(answer: Answer): boolean {
  return /(?:^|[ ,])(?:no-store|private)(?:[ ,;=]|$)/.test(cacheOf(answer));
}

function cacheOf(answer: Answer): string {
  return (headerOf(answer, 'cache-control') ?? '').toLowerCase();
}

/** The parts of a header that is a list, in lower case. */
function listOf(answer: Answer, name: string): readonly string[] {
  return (headerOf(answer, name) ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function shown(answer: Answer, name: string): string {
  const value = headerOf(answer, name.toLowerCase());
  return value === undefined ? `no ${name}` : `${name}: ${value}`;
}
