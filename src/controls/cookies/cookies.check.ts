/** What `check` asks of an application about the cookies it sets. What opens a session has rules of its own. */
import type { Answer } from '../../core/answer.ts';
import {
  type AsvsId,
  type CweId,
  fault,
  type Fault,
  judged,
  type Level,
  NotSeen,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';
import { cookiesSet, isForScripts, looksLikeSession, type SeenCookie } from '../../core/seen-cookies.ts';
import { parseSetCookie } from './set-cookie.ts';

type Judge = (cookie: SeenCookie, context: RuleContext) => Fault | undefined;

const isOther = ({ name }: SeenCookie): boolean => !looksLikeSession(name);
const isSession = ({ name }: SeenCookie): boolean => looksLikeSession(name);
const isAny = (): boolean => true;

/** Rules about cookies, each over every cookie of a visitor, and of a signed-in person where there is an account. */
export const cookiesRules: readonly Rule[] = [
  {
    ...rule('cookies.secure', 'Cookies are sent over https only', 'warning', isOther, judgeSecure),
    asvs: ['v5.0.0-3.3.1 (in part)'],
    cwe: ['CWE-614'],
    needs: 'tls',
  },
  {
    ...rule('cookies.http-only', 'Script reads no cookie that is not for it', 'note', isOther, judgeHttpOnly),
    asvs: ['v5.0.0-3.3.4 (in part)'],
    cwe: ['CWE-1004'],
  },
  {
    ...rule(
      'cookies.same-site',
      'Requests that other sites cause come without cookies',
      'warning',
      isOther,
      judgeSameSite,
    ),
    asvs: ['v5.0.0-3.3.2 (in part)'],
    cwe: ['CWE-1275'],
  },
  {
    ...rule('cookies.host-only', 'Cookies go to this host alone', 'warning', isAny, judgeDomain),
    asvs: ['v5.0.0-3.3.3 (in part)'],
    cwe: ['CWE-668'],
  },
  {
    ...rule(
      'cookies.prefix',
      'Session cookies cannot be set by a subdomain',
      'warning',
      isSession,
      judgePrefix,
    ),
    asvs: ['v5.0.0-3.3.1 (in part)', 'v5.0.0-3.3.3 (in part)'],
    cwe: ['CWE-565'],
    needs: 'tls',
  },
  {
    ...rule('cookies.readable', 'Every cookie is one that browsers keep', 'warning', isAny, judgeReadable),
    asvs: ['v5.0.0-3.3.5 (in part)'],
    why: 'Browsers drop the cookie without a word, or keep another than was meant, and what it was for does not hold.',
    needs: 'tls',
  },
];

interface Common extends Rule {
  readonly asvs: readonly AsvsId[];
  readonly cwe: readonly CweId[];
}

function rule(
  id: string,
  title: string,
  level: Level,
  concerns: (cookie: SeenCookie) => boolean,
  judge: Judge,
): Common {
  const run = async (context: RuleContext): Promise<Outcome> => {
    const cookies = cookiesSet(await answersOf(context)).filter(concerns);
    if (cookies.length === 0) return notSeen(whyNone(context, concerns === isSession));
    return judged(
      cookies.flatMap((cookie) => judge(cookie, context) ?? []),
      cookies.map(({ shown }) => shown).join(' | '),
    );
  };
  return { id, title, level, guide: 5, asvs: [], cwe: [], needs: 'site', run };
}

async function answersOf(context: RuleContext): Promise<readonly Answer[]> {
  const walked = await context.crawl().catch((error: unknown) => {
    if (error instanceof NotSeen) return { pages: [], others: [] };
    throw error;
  });
  const ordinary = [...(await context.ordinary()), ...walked.pages, ...walked.others];
  return context.hasAccount ? [...ordinary, ...(await context.signedIn()).answers] : ordinary;
}

function whyNone({ hasAccount }: RuleContext, session: boolean): string {
  const kind = session ? 'no cookie that looks like that of a session' : 'no such cookie';
  return hasAccount ? `${kind} was set` : `${kind} was set for a visitor: hand over an account (signIn)`;
}

function judgeSecure({ attributes, shown }: SeenCookie): Fault | undefined {
  return attributes.has('secure')
    ? undefined
    : fault('warning', 'a cookie goes over plain http too', shown, 'add Secure');
}

function judgeHttpOnly({ name, attributes, shown }: SeenCookie): Fault | undefined {
  if (attributes.has('httponly') || isForScripts(name)) return undefined;
  return fault(
    'note',
    'script that gets into a page can read a cookie',
    shown,
    'add HttpOnly, where no script of yours reads it',
  );
}

function judgeSameSite({ attributes, shown }: SeenCookie): Fault | undefined {
  const value = attributes.get('samesite') ?? '';
  if (value === 'lax' || value === 'strict') return undefined;
  return value === 'none'
    ? fault('warning', 'a cookie comes along with requests of every other site', shown, 'add SameSite=Lax')
    : fault(
        'note',
        'what happens to a cookie in requests of other sites is left to the browser',
        shown,
        'add SameSite=Lax',
      );
}

function judgeDomain({ attributes, shown }: SeenCookie): Fault | undefined {
  return (attributes.get('domain') ?? '') === ''
    ? undefined
    : fault('warning', 'every subdomain gets a cookie', shown, 'remove Domain');
}

function judgePrefix({ name, shown }: SeenCookie): Fault | undefined {
  if (/^__Host-/i.test(name)) return undefined;
  return /^__Secure-/i.test(name)
    ? fault(
        'note',
        'a subdomain can put another session cookie in the place of this one',
        shown,
        'begin its name with __Host-',
      )
    : fault(
        'warning',
        'a subdomain, or anyone over plain http, can put another session cookie in the place of this one',
        shown,
        'begin its name with __Host-',
      );
}

const FAULTS = {
  'control-character': 'a cookie holds control characters: browsers drop it',
  nameless: 'a cookie has no name, so that its value can pass for another',
  name: 'the name of a cookie is read differently by different servers',
  'too-large': 'a cookie is larger than browsers keep',
} as const;

function judgeReadable({ name, attributes, line, shown }: SeenCookie): Fault | undefined {
  const read = parseSetCookie(line);
  const safe = `a Set-Cookie line of ${line.length} characters`;
  if (typeof read === 'string') {
    return fault(
      'warning',
      FAULTS[read],
      safe,
      'a name of letters, digits and dashes, and at most 4096 bytes with its value',
    );
  }
  const secure = attributes.has('secure');
  const broken =
    (/^__Host-/i.test(name) && (!secure || read.domain !== undefined || read.path !== '/')) ||
    (/^__Secure-/i.test(name) && !secure);
  if (broken) {
    return fault(
      'warning',
      'a cookie does not keep what its prefix promises: browsers drop it',
      shown,
      'Secure, Path=/ and no Domain, as __Host- asks',
    );
  }
  return attributes.get('samesite') === 'none' && !secure
    ? fault(
        'warning',
        'a cookie is SameSite=None without Secure: browsers drop it',
        shown,
        'SameSite=Lax, or add Secure',
      )
    : undefined;
}
