/** What `check` asks of an application's session cookies. */
import type { Answer } from '../../core/answer.ts';
import {
  type AsvsId,
  type CweId,
  fault,
  judged,
  type Level,
  type Need,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';
import { cookiesSet, looksLikeSession, type SeenCookie } from '../../core/seen-cookies.ts';

type Judge = (attributes: ReadonlyMap<string, string>) => readonly [Level, string] | undefined;

/** Rules about session cookies. */
export const sessionRules: readonly Rule[] = [
  cookieRule(
    'session.cookie-secure',
    'Session cookies travel over https only',
    ['v5.0.0-3.3.1 (in part)', 'CWE-614', 'tls'],
    (attributes) =>
      attributes.has('secure')
        ? undefined
        : ['error', 'has no Secure attribute: it crosses the network in clear on the first http request'],
    'add Secure, and the name prefix __Host-',
  ),
  cookieRule(
    'session.cookie-httponly',
    'Scripts cannot read session cookies',
    ['v5.0.0-3.3.4 (in part)', 'CWE-1004', 'site'],
    (attributes) =>
      attributes.has('httponly')
        ? undefined
        : ['error', 'has no HttpOnly attribute: a script that gets into a page can send it anywhere'],
    'add HttpOnly',
  ),
  cookieRule(
    'session.cookie-samesite',
    'Session cookies stay out of requests of other sites',
    ['v5.0.0-3.3.2 (in part)', 'CWE-1275', 'site'],
    (attributes) => {
      const value = attributes.get('samesite') ?? '';
      if (value === 'lax' || value === 'strict') return undefined;
      return value === 'none'
        ? ['error', 'is sent along with requests that other sites make']
        : [
            'warning',
            'has no SameSite: whether it goes with requests that other sites make is left to the browser',
          ];
    },
    'add SameSite=Lax',
  ),
  {
    id: 'session.none-for-visitors',
    title: 'A visitor who only looks gets no session',
    level: 'warning',
    guide: 5,
    asvs: ['v5.0.0-7.6.2 (in part)'],
    cwe: ['CWE-770'],
    needs: 'page',
    run: checkVisitors,
  },
];

function cookieRule(
  id: string,
  title: string,
  [asvs, cwe, needs]: readonly [AsvsId, CweId, Need],
  judge: Judge,
  fix: string,
): Rule {
  const run = async (context: RuleContext): Promise<Outcome> => {
    const cookies = await sessionCookies(context);
    if (cookies.length === 0) {
      return notSeen(
        context.hasAccount
          ? 'signing in set no cookie'
          : 'no visitor was given a cookie that looks like that of a session: hand over an account (signIn)',
      );
    }
    const faults = cookies.flatMap((cookie) => {
      const found = judge(cookie.attributes);
      return found === undefined
        ? []
        : [fault(found[0], `the cookie ${cookie.name} ${found[1]}`, cookie.shown, fix)];
    });
    return judged(faults, cookies.map(({ shown }) => shown).join(' | '));
  };
  return { id, title, level: 'error', guide: 5, asvs: [asvs], cwe: [cwe], needs, run };
}

/** Cookies by their names; where that tells nothing, what was set as somebody signed in. */
async function sessionCookies(context: RuleContext): Promise<readonly SeenCookie[]> {
  const signingIn: readonly Answer[] = context.hasAccount ? (await context.signedIn()).answers : [];
  const all = cookiesSet([...(await context.ordinary()), ...signingIn]);
  const named = all.filter(({ name }) => looksLikeSession(name));
  return named.length > 0 ? named : cookiesSet(signingIn);
}

async function checkVisitors({ ordinary }: RuleContext): Promise<Outcome> {
  const answers = await ordinary();
  return judged(
    cookiesSet(answers)
      .filter(({ name }) => looksLikeSession(name))
      .map((cookie) =>
        fault(
          'warning',
          `a first visit is given the cookie ${cookie.name}, which looks like that of a session: each visit of a robot fills the session store`,
          cookie.shown,
          'begin a session when there is something to keep, at the latest at sign-in',
        ),
      ),
    `${answers.length} answers to somebody who only looks`,
  );
}
