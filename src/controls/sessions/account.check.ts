/** What `check` asks of an application's sessions with an account: when they begin, when they end, and who can make one up. */
import { answered } from '../../core/answer.ts';
import { randomId } from '../../core/random.ts';
import {
  type AsvsId,
  type CweId,
  fault,
  held,
  judged,
  type Level,
  notSeen,
  NotSeen,
  type Outcome,
  type Rule,
  type RuleContext,
  type Visitor,
} from '../../core/rule.ts';

/** Rules about sessions that need somebody to sign in. */
export const sessionAccountRules: readonly Rule[] = [
  rule('session.renewed', 'Signing in gives a new session id', 'error', checkRenewed, ['v5.0.0-7.2.4 (in part)'], ['CWE-384']),
  rule('session.adopted', 'A session id that somebody makes up is never taken', 'error', checkAdopted, ['v5.0.0-7.2.4 (in part)'], ['CWE-384']),
  rule('session.ended', 'Signing out ends the session at the server', 'error', checkEnded, ['v5.0.0-7.4.1 (in part)'], ['CWE-613']),
  rule('session.random', 'A session id has 128 random bits or more', 'warning', checkRandom, ['v5.0.0-7.2.3 (in part)'], ['CWE-330']),
]; // prettier-ignore

function rule(
  id: string,
  title: string,
  level: Level,
  run: (context: RuleContext) => Promise<Outcome>,
  asvs: readonly AsvsId[],
  cwe: readonly CweId[],
): Rule {
  return { id, title, level, guide: 5, asvs, cwe, needs: 'account', run };
}

interface SignedIn {
  readonly visitor: Visitor;
  readonly before: ReadonlyMap<string, string>;
  readonly seen: string;
}

async function signIn(
  { account, visit }: RuleContext,
  cookies?: ReadonlyMap<string, string>,
): Promise<SignedIn> {
  const ways = account();
  const visitor = visit(cookies);
  const { answer, before } = await ways.signIn(visitor);
  if (answer.status === 429)
    throw new NotSeen(`${answered(answer)}: the sign-in is limited, run it again later`);
  if (!(await ways.isSignedIn(visitor)))
    throw new NotSeen(`${answered(answer)}, and nobody is signed in by that`);
  return { visitor, before, seen: answered(answer) };
}

/** The cookie by which the site knows who somebody is, whatever its name: the one that is enough alone. */
async function sessionName({ account, visit }: RuleContext, { visitor }: SignedIn): Promise<string> {
  for (const [name, value] of visitor.cookies) {
    if (await account().isSignedIn(visit(new Map([[name, value]])))) return name;
  }
  throw new NotSeen('no cookie alone keeps somebody signed in');
}

const FIX =
  'make a new session id at sign-in and throw the old one away (session.regenerate, session.cycle_key, bulwark.of(req).session.signIn)';

async function checkRenewed(context: RuleContext): Promise<Outcome> {
  const signed = await signIn(context);
  const name = await sessionName(context, signed);
  const old = signed.before.get(name);
  const evidence = `${signed.seen}; ${name} ${old === undefined ? 'was not there before' : 'was there before'}`;
  if (old === undefined) return held(evidence);
  return judged(
    old === signed.visitor.cookies.get(name)
      ? [
          fault(
            'error',
            'the session id of a visitor is that of the account after signing in',
            `${evidence}, and is the same after`,
            FIX,
          ),
        ]
      : [],
    `${evidence}, and is another after`,
  );
}

async function checkAdopted(context: RuleContext): Promise<Outcome> {
  const name = await sessionName(context, await signIn(context));
  const planted = `bulwark-check-${randomId(24)}`;
  const { visitor, seen } = await signIn(context, new Map([[name, planted]]));
  const after = visitor.cookies.get(name);
  const stranger = context.visit(new Map([[name, planted]]));
  const takes = await context.account().isSignedIn(stranger);
  const evidence = `${seen} with a made-up ${name}; after it the cookie ${after === planted ? 'is the same' : 'is another'}`;
  return judged(
    takes
      ? [
          fault(
            'error',
            'a session id that an attacker makes up is signed in with the account',
            `${evidence}, and whoever else has it is signed in`,
            FIX,
          ),
        ]
      : [],
    evidence,
  );
}

async function checkEnded(context: RuleContext): Promise<Outcome> {
  const { signOut, isSignedIn } = context.account();
  if (signOut === undefined) return notSeen('the profile does not say how to sign out (signOut)');
  const { visitor } = await signIn(context);
  const copy = new Map(visitor.cookies);
  const answer = await signOut(visitor);
  const seen = answered(answer);
  if (await isSignedIn(visitor))
    return notSeen(`${seen}, and the account is signed in all the same: look at signOut in the profile`);
  return judged(
    (await isSignedIn(context.visit(copy)))
      ? [
          fault(
            'error',
            'a session goes on after its owner has signed out: whoever copied the cookie is still in',
            `${seen}; then the old cookies were signed in`,
            'keep sessions at the server and end them there; a signed cookie alone cannot be taken back',
          ),
        ]
      : [],
    `${seen}; then the old cookies were nobody's`,
  );
}

/** Characters that a value is made of, as far as one shows. */
function bitsOf(value: string): number {
  const alphabet = /^\d+$/.test(value)
    ? 10
    : /^[\da-f]+$/i.test(value)
      ? 16
      : /^[\da-z]+$/i.test(value)
        ? 62
        : 64;
  return value.length * Math.log2(alphabet);
}

async function checkRandom(context: RuleContext): Promise<Outcome> {
  const first = await signIn(context);
  const name = await sessionName(context, first);
  const value = first.visitor.cookies.get(name) ?? '';
  if (/^ey[\w-]+\.|^\.?e[JN][\w-]+\./.test(value)) {
    return notSeen(`${name} holds the session itself, signed, and no id`);
  }
  const other = (await signIn(context)).visitor.cookies.get(name) ?? '';
  const bare = value.replace(/^s(?::|%3A)/i, '').split('.')[0] ?? '';
  // What two have in common is no secret of either.
  const second = other.replace(/^s(?::|%3A)/i, '');
  const same = Array.from(bare, (character, index) => second[index] === character).filter(Boolean).length;
  const bits = bare === '' ? 0 : bitsOf(bare) * (1 - Math.max(0, same / bare.length - 1 / 16));
  const evidence = `${name} of ${bare.length} characters, of which two have ${same} in common: ${Math.round(bits)} bits at most`;
  return judged(
    bits < 120
      ? [
          fault(
            'warning',
            'session ids are short, or alike',
            evidence,
            'make them of 16 random bytes or more (crypto.randomBytes)',
            { mark: 'short' },
          ),
        ]
      : [],
    evidence,
  );
}
