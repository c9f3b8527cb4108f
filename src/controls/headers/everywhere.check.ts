/** What `check` asks of answers that are no page: errors, files, redirects, and what other sites may read. */
import { type Answer, answered, headerOf, isHtml, type Probe, redirectOf } from '../../core/answer.ts';
import {
  fault,
  type Fault,
  judged,
  NotSeen,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
  UNKNOWN_PATH,
} from '../../core/rule.ts';

const FOREIGN = 'https://attacker.example';

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
    level: 'warning',
    guide: 4,
    asvs: ['v5.0.0-3.4.4 (in part)'],
    cwe: ['CWE-693'],
    needs: 'own-host',
    run: checkRefusals,
  },
  {
    id: 'headers.cors',
    title: 'No page of another site reads what is answered here',
    level: 'error',
    guide: 4,
    asvs: ['v5.0.0-3.4.2 (in part)'],
    cwe: ['CWE-942'],
    needs: 'site',
    run: checkCors,
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
  return compared(first, answers, false);
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

function compared(page: Answer, answers: readonly Answer[], secure: boolean): Outcome {
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
            name === 'referrer-policy' ? 'note' : 'warning',
            `pages carry ${name}, and other answers do not`,
            `${answered(without)} without ${name}`,
            'send it where every answer goes out: at the proxy with `always`, or by Bulwark in front of all of it',
          ),
        ];
  });
  return judged(faults, `${names.map(([name]) => name).join(', ')} in ${answers.length} other answers`);
}

async function checkCors({ site, askOnce, crawl }: RuleContext): Promise<Outcome> {
  const { others } = await crawl().catch((error: unknown) => {
    if (error instanceof NotSeen) return { others: [] };
    throw error;
  });
  const { pathname } = new URL(`${site.origin}${site.target}`);
  const targets = new Set(
    [site.target, ...others.filter((one) => redirectOf(one) === undefined).map(targetOf)].slice(0, 4),
  );
  const origins = [
    FOREIGN,
    'null',
    `${site.origin}.attacker.example`,
    site.origin.replace('://', '://attacker-'),
  ];
  const faults: Fault[] = [];
  for (const target of targets) {
    // The variants tell how a check was written; where any origin will do, they say nothing more.
    for (const origin of target === site.target ? origins : [FOREIGN]) {
      const answer = await askOnce({ target, headers: { origin } });
      const found = judgeCors(answer, origin);
      if (found !== undefined) {
        faults.push(found);
        break;
      }
    }
  }
  return judged(
    faults,
    `no origin of another site is allowed to read ${pathname} and ${targets.size - 1} more`,
  );
}

function targetOf({ url }: Answer): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

function judgeCors(answer: Answer, origin: string): Fault | undefined {
  const allowed = headerOf(answer, 'access-control-allow-origin')?.trim();
  if (allowed !== origin) return undefined;
  const credentials = headerOf(answer, 'access-control-allow-credentials')?.trim() === 'true';
  const seen = `${answered(answer)} to Origin: ${origin} with Access-Control-Allow-Origin: ${allowed}${credentials ? ', Allow-Credentials: true' : ''}`;
  const fix = 'compare Origin as a whole with a list, and allow credentials for nobody else';
  return credentials
    ? fault('error', 'pages of any site read what is answered to whoever is signed in', seen, fix)
    : fault('warning', 'any origin that asks is named as one that may read', seen, fix);
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
  const until = new Date(/^expires:[ \t]*(\S{1,40})/im.exec(answer.body)?.[1] ?? '');
  if (Number.isNaN(until.getTime())) {
    return judged(
      [fault('note', 'security.txt does not say until when it holds', answered(answer), fix)],
      '',
    );
  }
  return until.getTime() < Date.now()
    ? judged(
        [
          fault(
            'note',
            'security.txt is out of date',
            `${answered(answer)}, Expires: ${until.toISOString().slice(0, 10)}`,
            fix,
          ),
        ],
        '',
      )
    : judged([], `${answered(answer)}, until ${until.toISOString().slice(0, 10)}`);
}
