/** What `check` asks of answers that are no page: errors, files, redirects, and what other sites may read. */
import { type Answer, answered, headerOf, isHtml, type Probe } from '../../core/answer.ts';
import {
  fault,
  type Fault,
  judged,
  type Level,
  NotSeen,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
  UNKNOWN_PATH,
} from '../../core/rule.ts';

/** Rules about them. */
export const headersEverywhereRules: readonly Rule[] = [
  {
    id: 'headers.everywhere',
    title: 'Errors, files, redirects, HEAD and OPTIONS carry the headers of the pages',
    level: 'warning',
    guide: 4,
    asvs: ['v5.0.0-3.4.4 (in part)'],
    cwe: ['CWE-693'],
    needs: 'page',
    run: checkEverywhere,
  },
  {
    id: 'headers.refusals',
    title: 'What is refused before the application sees it carries them too',
    level: 'note',
    guide: 4,
    asvs: ['v5.0.0-3.4.4 (in part)'],
    cwe: ['CWE-693'],
    needs: 'own-host',
    run: checkRefusals,
  },
  {
    id: 'headers.cache-signed-in',
    title: 'Nothing that is shown to who is signed in stays in a cache',
    level: 'warning',
    guide: 4,
    asvs: ['v5.0.0-14.3.2 (in part)'],
    cwe: ['CWE-525', 'CWE-524'],
    needs: 'account',
    run: checkSignedInCache,
  },
  {
    id: 'headers.security-txt',
    title: 'Whoever finds a hole is told where to say so',
    level: 'note',
    guide: 4,
    asvs: [],
    cwe: [],
    why: 'Whoever finds a hole tells nobody, or everybody.',
    needs: 'site',
    run: checkSecurityTxt,
  },
];

/** Headers that one setting sends with everything, and what an answer without them allows. */
const EVERYWHERE: readonly (readonly [name: string, of: (answer: Answer) => boolean])[] = [
  ['x-content-type-options', ({ body }) => body !== ''],
  ['strict-transport-security', () => true],
  ['referrer-policy', isHtml],
  ['content-security-policy', (answer) => isHtml(answer) && answer.body !== ''],
];

async function checkEverywhere({ page, askOnce, crawl, site }: RuleContext): Promise<Outcome> {
  const first = await page();
  const probes: readonly Probe[] = [{ target: UNKNOWN_PATH }, { method: 'HEAD' }, { method: 'OPTIONS' }];
  const answers = [...(await allOf(probes, askOnce)), ...(await crawl()).others];
  return compared(first, answers, site.secure);
}

async function checkRefusals({ page, ask }: RuleContext): Promise<Outcome> {
  const first = await page();
  const probes: readonly Probe[] = [
    { method: 'PROPFIND' },
    { target: '/%ff%00' },
    // More than parsers take: answered by the server, before any application.
    { headers: { 'x-bulwark-check': 'x'.repeat(40_000) } },
  ];
  const answers = (await allOf(probes, ask)).filter(({ status }) => status >= 400);
  if (answers.length === 0) return notSeen('nothing was refused');
  // A request that could not be read has no Host, and a browser must not remember a name by it.
  return compared(first, answers, false, 'note');
}

async function allOf(
  probes: readonly Probe[],
  ask: (probe: Probe) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers = await Promise.all(
    probes.map((probe) =>
      ask(probe).catch((error: unknown) => {
        // A server may cut such a request off without an answer.
        if (error instanceof NotSeen) return undefined;
        throw error;
      }),
    ),
  );
  return answers.filter((answer) => answer !== undefined);
}

function compared(
  page: Answer,
  answers: readonly Answer[],
  secure: boolean,
  worst: Level = 'warning',
): Outcome {
  const names = EVERYWHERE.filter(
    ([name]) => headerOf(page, name) !== undefined && (secure || name !== 'strict-transport-security'),
  );
  if (names.length === 0) return notSeen('the page itself carries none of these headers');
  const faults = names.flatMap(([name, of]): readonly Fault[] => {
    const without = answers.find((answer) => of(answer) && headerOf(answer, name) === undefined);
    return without === undefined
      ? []
      : [
          fault(
            name === 'referrer-policy' ? 'note' : worst,
            `pages carry ${name}, and other answers do not`,
            `${answered(without)} without ${name}`,
            'send it where every answer goes out: at the proxy with `always`, or by Bulwark in front of all of it',
          ),
        ];
  });
  return judged(faults, `${names.map(([name]) => name).join(', ')} in ${answers.length} other answers`);
}

async function checkSignedInCache({ crawlSignedIn, visit }: RuleContext): Promise<Outcome> {
  const { pages, others } = await crawlSignedIn();
  const nobody = visit();
  const faults: Fault[] = [];
  let own = 0;
  for (const answer of [...pages, ...others.filter(({ status }) => status === 200)].slice(0, 12)) {
    const usual = await nobody.ask({ target: targetOf(answer) });
    // What is the same for everybody may be kept.
    if (usual.status === answer.status && bare(usual) === bare(answer)) continue;
    own += 1;
    const cache = (headerOf(answer, 'cache-control') ?? '').toLowerCase();
    if (cache.includes('no-store')) continue;
    const isPrivate = /(?:^|[ ,])(?:private|no-cache)(?:[ ,=]|$)/.test(cache);
    const seen = `${answered(answer)} when signed in, ${cache === '' ? 'no Cache-Control' : `Cache-Control: ${cache}`}`;
    const message = isPrivate
      ? 'a browser keeps what somebody saw who was signed in'
      : 'a cache may keep what somebody saw who was signed in';
    faults.push(
      fault(
        isPrivate ? 'note' : 'warning',
        message,
        seen,
        'send Cache-Control: no-store wherever a session is read',
      ),
    );
  }
  return own === 0
    ? notSeen('every page is the same for who is signed in')
    : judged(faults.slice(0, 5), `no-store in ${own} answers`);
}

function targetOf({ url }: Answer): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

/** The text without nonces and tokens, which differ in each answer. */
function bare({ body }: Answer): string {
  return body.replaceAll(/[\w+/=-]{16,}/g, '');
}

async function checkSecurityTxt({ site, askOnce }: RuleContext): Promise<Outcome> {
  if (site.loopback)
    return notSeen('nobody reports to a host that only this machine has: give the public name');
  const answer = await askOnce({ target: '/.well-known/security.txt' });
  const fix = '/.well-known/security.txt with Contact: and Expires: (RFC 9116)';
  const contact = /^contact:[ \t]*\S/im.test(answer.body);
  if (answer.status !== 200 || !contact) {
    return judged([fault('note', 'there is no security.txt', answered(answer), fix)], '');
  }
  const say = (message: string, about = ''): Outcome =>
    judged([fault('note', message, `${answered(answer)}${about}`, fix)], '');
  const contacts = [...answer.body.matchAll(/^contact:[ \t]*(\S{1,2000})/gim)].map(
    ([, value]) => value ?? '',
  );
  if (!contacts.some((one) => /^(?:https:\/\/|mailto:|tel:)/i.test(one)))
    return say('security.txt names no contact that is an address: https:, mailto: or tel:');
  const until = new Date(/^expires:[ \t]*(\S{1,40})/im.exec(answer.body)?.[1] ?? '');
  if (Number.isNaN(until.getTime())) return say('security.txt does not say until when it holds');
  const day = until.toISOString().slice(0, 10);
  const left = until.getTime() - Date.now();
  if (left < 0) return say('security.txt is out of date', `, Expires: ${day}`);
  if (left < ENDS_SOON_MS) return say('security.txt ends within two weeks', `, Expires: ${day}`);
  const isSigned = /^-----BEGIN PGP SIGNED MESSAGE-----\s*$/m.test(answer.body);
  if (isSigned && !/^-----END PGP SIGNATURE-----\s*$/m.test(answer.body))
    return say('security.txt begins as signed, and no signature is at its end');
  return judged([], `${answered(answer)}, until ${day}, ${isSigned ? 'signed' : 'not signed'}`);
}

/** So late, whoever was told in time has done nothing. */
const ENDS_SOON_MS = 14 * 86_400_000;
