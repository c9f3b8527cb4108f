/** What `check` asks of an application about other people's things, with two accounts. */
import { type Answer, answered } from '../../core/answer.ts';
import {
  fault,
  type Fault,
  held,
  judged,
  notSeen,
  NotSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';

/** Rules about access. */
export const accessRules: readonly Rule[] = [
  {
    id: 'access.other-account',
    title: 'What belongs to one account is shown to no other, whatever address is typed',
    level: 'error',
    guide: 11,
    asvs: ['v5.0.0-8.2.2 (in part)'],
    cwe: ['CWE-639'],
    needs: 'account',
    run: checkOther,
  },
];

/** An address of one thing: a number, a UUID, or anything as long. */
const NAMED = /\/(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{16,})(?:\/|$)|[?&][\w-]*id=/i;

async function checkOther(context: RuleContext): Promise<Outcome> {
  const { signInOther, isSignedIn } = context.account();
  if (signInOther === undefined) return notSeen('the profile has no second account (other)');
  const { pages } = await context.crawlSignedIn();
  const things = pages.filter(({ url }) => NAMED.test(url.slice(new URL(url).origin.length)));
  if (things.length === 0)
    return notSeen(
      `none of ${pages.length} pages has an address of one thing, such as /notes/1: let the account have one of its own first`,
    );
  const other = context.visit();
  const { answer: seen } = await signInOther(other);
  if (!(await isSignedIn(other)))
    throw new NotSeen(`${answered(seen)}, and the second account is not signed in by that`);
  const nobody = context.visit();
  const faults: Fault[] = [];
  const open: Answer[] = [];
  let looked = 0;
  for (const mine of things.slice(0, 8)) {
    const target = mine.url.slice(new URL(mine.url).origin.length);
    // What anybody may see is nobody's.
    const strangers = await nobody.ask({ target });
    if (isSame(strangers, mine)) {
      open.push(strangers);
      continue;
    }
    looked += 1;
    const theirs = await other.ask({ target });
    if (isSame(theirs, mine)) {
      faults.push(
        fault(
          'error',
          'a page of one account is shown to another',
          `${answered(theirs)} to the second account, with what the first one sees`,
          'look for the thing and its owner at once: WHERE id = ? AND owner = ?, and answer 404 else',
          { mark: target.replaceAll(/\d+/g, '0') },
        ),
      );
    }
  }
  const hidden = open.length === 0 ? [] : await notLedTo(context, open);
  const [first] = hidden;
  if (first !== undefined)
    faults.push(
      fault(
        'warning',
        'a page that links lead to for who is signed in alone is shown to anybody who knows its address',
        `${answered(first)} to a visitor without an account`,
        'ask on that page who somebody is, and whether the thing is theirs; a page that is for everybody is linked for everybody',
        { confidence: 'medium', mark: 'open to anybody' },
      ),
    );
  return looked === 0 && faults.length === 0
    ? notSeen('every such page is shown to anybody')
    : faults.length > 0
      ? judged(faults, '')
      : held(`${looked} pages, and none was shown to the second account`);
}

/** Of some pages, those that no walk of a visitor finds: addresses that a number more or less guesses. */
async function notLedTo({ crawl }: RuleContext, some: readonly Answer[]): Promise<readonly Answer[]> {
  try {
    const { pages, others } = await crawl();
    const known = new Set([...pages, ...others].map(({ url }) => url));
    return some.filter(({ url }) => !known.has(url));
  } catch (error) {
    // A visitor who sees no page is led to none.
    if (error instanceof NotSeen) return some;
    throw error;
  }
}

/** The same in its main part: names of who looks, tokens and numbers aside. */
function isSame(one: Answer, other: Answer): boolean {
  if (one.status !== other.status) return false;
  const [mine, theirs] = [wordsOf(other), wordsOf(one)];
  const shared = mine.filter((word) => theirs.includes(word)).length;
  return mine.length > 0 && shared / mine.length > 0.9;
}

function wordsOf({ body }: Answer): readonly string[] {
  const text = body
    .slice(0, 100_000)
    .replaceAll(/<(?:script|style)\b[^>]{0,500}>[^<]{0,50000}/gi, ' ')
    .replaceAll(/<[^>]{0,2000}>/g, ' ')
    .replaceAll(/[\w+/=-]{20,}/g, ' ');
  return [...new Set(text.split(/\s+/).filter((word) => word.length > 2))].slice(0, 2000);
}
