/** What `check` asks of sign-ins at another service, whose answer comes from elsewhere: whether it has to be this browser's. */
import { type Answer, answered, redirectOf } from '../../core/answer.ts';
import {
  fault,
  type Fault,
  held,
  judged,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';

/** Rules about them. */
export const signInStateRules: readonly Rule[] = [
  {
    id: 'csrf.sign-in-state',
    title: 'A sign-in at another service ends in the browser in which it began',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-10.2.1 (in part)'],
    cwe: ['CWE-352'],
    why: 'Somebody begins to sign in and hands the last step to a victim, who is then signed in as the attacker and types what is theirs into another account.',
    mend: {
      bulwark: '',
      express: `passport.use(new OAuth2Strategy({ ...provider, state: true, pkce: true }, verify));  // both are kept in the session`,
      flask:
        "oauth.provider.authorize_redirect(url_for('signed_in', _external=True))  # Authlib keeps state in the session",
    },
    needs: 'page',
    run: checkState,
  },
];

const FIX =
  'send state, new for each sign-in, keep it in a cookie of this browser, and take nothing back without it';

async function checkState({ crawl, visit, site }: RuleContext): Promise<Outcome> {
  const { others } = await crawl();
  const ways = new Map<string, Answer>();
  for (const answer of others) {
    const leads = leadsAway(answer, site.origin);
    if (leads !== undefined && !ways.has(leads.host)) ways.set(leads.host, answer);
  }
  if (ways.size === 0) return notSeen('no link that was found leads to a sign-in at another service');
  const faults: Fault[] = [];
  const seen: string[] = [];
  for (const first of [...ways.values()].slice(0, 3)) {
    const visitor = visit();
    const { pathname, search } = new URL(first.url);
    const answer = await visitor.ask({ target: `${pathname}${search}` });
    const leads = leadsAway(answer, site.origin);
    const before = leadsAway(first, site.origin)?.searchParams;
    if (leads === undefined) continue;
    const { searchParams, host } = leads;
    const what = `${answered(answer)}, and leads to ${host}`;
    seen.push(what);
    const state = searchParams.get('state') ?? '';
    const isBound = [state, searchParams.get('code_challenge') ?? '', searchParams.get('nonce') ?? ''].some(
      (one) => one !== '',
    );
    if (!isBound)
      faults.push(
        fault(
          'error',
          'a sign-in at another service carries nothing that is of this browser',
          `${what} without state, code_challenge and nonce`,
          FIX,
        ),
      );
    else if (isSame(searchParams, before))
      faults.push(
        fault(
          'error',
          'a sign-in at another service carries the same for every browser',
          `${what} with the same state twice`,
          FIX,
        ),
      );
    else if (visitor.cookies.size === 0)
      faults.push(
        fault(
          'warning',
          'a sign-in at another service can be ended in any browser: this one was given no cookie that it is known by',
          `${what}, and sets no cookie`,
          FIX,
          { confidence: 'medium' },
        ),
      );
  }
  if (seen.length === 0) return notSeen('what led to a sign-in at another service once did not do so again');
  return faults.length === 0 ? held(seen.join('; ')) : judged(faults, '');
}

/** The address of an authorization (RFC 6749 4.1.1) at another host. */
function leadsAway(answer: Answer, origin: string): URL | undefined {
  const leads = redirectOf(answer);
  if (leads === undefined || leads.origin === origin) return undefined;
  return leads.searchParams.has('client_id') && leads.searchParams.has('redirect_uri') ? leads : undefined;
}

/** Nothing of what could be of one browser is another the second time. */
function isSame(now: URLSearchParams, before: URLSearchParams | undefined): boolean {
  return (
    before !== undefined &&
    ['state', 'code_challenge', 'nonce'].every((name) => now.get(name) === before.get(name))
  );
}
