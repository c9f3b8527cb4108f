/** What `check` asks of an account's sessions over time: how many there may be, and what keeps somebody signed in. */
import { type Answer, answered, headerValues } from '../../core/answer.ts';
import {
  fault,
  type Fault,
  judged,
  notSeen,
  NotSeen,
  type Outcome,
  type Rule,
  type RuleContext,
  type Visitor,
} from '../../core/rule.ts';
import { isDeleted, readCookie, type SeenCookie } from '../../core/seen-cookies.ts';

/** Rules about them. */
export const sessionStayRules: readonly Rule[] = [
  {
    id: 'session.stay',
    title: 'What keeps somebody signed in is for no script, changes with use, and ends at sign-out',
    level: 'error',
    guide: 5,
    asvs: ['v5.0.0-7.4.1 (in part)', 'v5.0.0-3.3.4 (in part)', 'v5.0.0-3.3.1 (in part)'],
    cwe: ['CWE-613', 'CWE-1004'],
    mend: {
      bulwark: "accounts: { staySignedIn: '30d' },",
      express: `// at each use: a new value in the place of the old one, in the store and in the cookie
const next = await stays.replace(request.cookies['__Host-stay']);
response.cookie('__Host-stay', next, { httpOnly: true, secure: true, sameSite: 'lax', maxAge: 30 * 86_400_000 });
// at sign-out
await stays.end(request.cookies['__Host-stay']);`,
      flask: `app.config.update(REMEMBER_COOKIE_SECURE=True, REMEMBER_COOKIE_HTTPONLY=True,
                  REMEMBER_COOKIE_SAMESITE='Lax', REMEMBER_COOKIE_DURATION=timedelta(days=30))
# Flask-Login signs the id of the account: end it by a get_id() that changes at sign-out (alternative tokens)`,
    },
    needs: 'account',
    run: checkStay,
  },
  {
    id: 'session.cap',
    title: 'An account has no more sessions at once than it may',
    level: 'warning',
    guide: 5,
    asvs: ['v5.0.0-7.1.2 (in part)'],
    cwe: ['CWE-613'],
    why: 'Sessions that were stolen or forgotten pile up, and nobody who looks at the list finds the one that is not theirs.',
    mend: {
      bulwark: 'session: { perAccount: 5 },',
      express: `const open = await sessionsOf(user.id);  // the oldest first
for (const old of open.slice(0, Math.max(0, open.length - 4))) await store.destroy(old.id);`,
      flask: `for old in sessions_of(user.id)[:-4]:  # the oldest first
    store.delete(old.sid)`,
    },
    needs: 'own-account',
    // Whoever is signed in for other rules may be signed out by it.
    alone: true,
    run: checkCap,
  },
];

/** Of one sign-in: of so many cookies that outlive the browser, each is tried alone. */
const MOST_TRIED = 5;
/** A cookie that ends with the day is a session's, however it is kept. */
const LONG_MS = 86_400_000;
const END_FIX = 'keep what a stay is known by at the server, and end it at sign-out';

async function checkStay(context: RuleContext): Promise<Outcome> {
  const { stay, isSignedIn, signOut } = context.account();
  if (stay === undefined) return notSeen('the profile does not say how somebody stays signed in (stay)');
  const visitor = context.visit();
  const { answer } = await stay(visitor);
  await mustBeIn(answer, visitor, isSignedIn);
  const kept = longLived(visitor.answers).filter(({ name }) => visitor.cookies.has(name));
  for (const cookie of kept.slice(0, MOST_TRIED)) {
    const before = visitor.cookies.get(cookie.name) ?? '';
    // The browser was closed, and comes back with what outlived it.
    const back = context.visit(new Map([[cookie.name, before]]));
    if (!(await isSignedIn(back))) continue;
    const isNew = back.cookies.get(cookie.name) !== before;
    const seen = `${answered(answer)}, ${cookie.shown}`;
    const faults = faultsOf(cookie, seen, context.site.secure);
    if (!isNew)
      faults.push(
        fault(
          'note',
          'what keeps somebody signed in stays the same however often it is used: nobody notices a copy',
          seen,
          'give a new value at each use, and take an old one that comes again for a theft',
        ),
      );
    if (signOut === undefined) {
      return faults.length > 0
        ? judged(faults, '')
        : notSeen(`${seen}; whether signing out ends it the profile does not say (signOut)`);
    }
    const copy = new Map([[cookie.name, back.cookies.get(cookie.name) ?? before]]);
    const out = await signOut(back);
    if (await isSignedIn(back))
      return notSeen(
        `${answered(out)}, and the account is signed in all the same: look at signOut in the profile`,
      );
    if (await isSignedIn(context.visit(copy)))
      faults.push(
        fault(
          'error',
          'what keeps somebody signed in goes on after they have signed out: whoever copied it is in again',
          `${answered(out)}; then ${cookie.name} alone was signed in`,
          END_FIX,
        ),
      );
    return judged(
      faults,
      `${seen}; it is ${isNew ? 'another' : 'the same'} after its use, and nobody's after signing out`,
    );
  }
  return notSeen(
    `${answered(answer)}, and nothing that outlives the browser signs in alone: look at stay in the profile`,
  );
}

function faultsOf({ attributes }: SeenCookie, seen: string, secure: boolean): Fault[] {
  const faults: Fault[] = [];
  if (!attributes.has('httponly'))
    faults.push(fault('error', 'script reads what keeps somebody signed in', seen, 'send it with HttpOnly'));
  if (secure && !attributes.has('secure'))
    faults.push(
      fault('error', 'what keeps somebody signed in leaves in clear, too', seen, 'send it with Secure'),
    );
  if (!/^(?:lax|strict)$/.test(attributes.get('samesite') ?? ''))
    faults.push(
      fault(
        'warning',
        'what keeps somebody signed in comes with requests that other sites cause',
        seen,
        'send it with SameSite=Lax',
      ),
    );
  return faults;
}

async function mustBeIn(
  answer: Answer,
  visitor: Visitor,
  isSignedIn: (visitor: Visitor) => Promise<boolean>,
): Promise<void> {
  if (answer.status === 429)
    throw new NotSeen(`${answered(answer)}: the sign-in is limited, run it again later`);
  if (!(await isSignedIn(visitor))) throw new NotSeen(`${answered(answer)}, and nobody is signed in by that`);
}

/** The last line of each name that is kept for more than a day. */
function longLived(answers: readonly Answer[]): readonly SeenCookie[] {
  const byName = new Map<string, SeenCookie>();
  for (const line of answers.flatMap((answer) => headerValues(answer, 'set-cookie'))) {
    const cookie = readCookie(line);
    byName.delete(cookie.name);
    if (!isDeleted(cookie) && lifeOf(cookie) > LONG_MS) byName.set(cookie.name, cookie);
  }
  return [...byName.values()];
}

/** In milliseconds. Max-Age counts before Expires (RFC 6265 5.3). */
function lifeOf({ attributes }: SeenCookie): number {
  const age = attributes.get('max-age');
  if (age !== undefined) return Number(age) * 1000;
  const life = Date.parse(attributes.get('expires') ?? '') - Date.now();
  return Number.isNaN(life) ? 0 : life;
}

async function checkCap(context: RuleContext): Promise<Outcome> {
  const { mostSessions, signIn, isSignedIn } = context.account();
  if (mostSessions === undefined)
    return notSeen('the profile does not say how many sessions an account may have (mostSessions)');
  context.changed(`the account was signed in ${mostSessions + 1} times: its other sessions may have ended`);
  const visitors: Visitor[] = [];
  let last = '';
  for (let one = 0; one <= mostSessions; one += 1) {
    const visitor = context.visit();
    const { answer } = await signIn(visitor);
    if (answer.status === 429)
      throw new NotSeen(`${answered(answer)}: the sign-in is limited, run it again later`);
    visitors.push(visitor);
    last = answered(answer);
    if (await isSignedIn(visitor)) continue;
    if (one === 0) throw new NotSeen(`${answered(answer)}, and nobody is signed in by that`);
    // Other sessions of the account count, too: it is refused before as many of ours are open.
    return judged(
      [],
      `${answered(answer)} to sign-in ${one + 1}: nobody is signed in until a session has ended`,
    );
  }
  let open = 0;
  for (const visitor of visitors) if (await isSignedIn(visitor)) open += 1;
  const seen = `${last}; of ${visitors.length} sessions ${open} were open`;
  return judged(
    open > mostSessions
      ? [
          fault(
            'warning',
            'an account has more sessions at once than it is said to have at most',
            seen,
            'end the oldest session at a sign-in that is one too many: session.perAccount',
          ),
        ]
      : [],
    seen,
  );
}
