/** What `check` asks of a sign-in with a second factor: whether the password alone opens what comes behind it. */
import { answered, shapeOf } from '../core/answer.ts';
import { randomId } from '../core/random.ts';
import { fault, held, judged, notSeen, type Outcome, type Rule, type RuleContext } from '../core/rule.ts';

/** Rules about second factors. */
export const secondFactorRules: readonly Rule[] = [
  {
    id: 'accounts.second-factor',
    title: 'Nobody passes the second factor by going on to the next page',
    level: 'error',
    guide: 7,
    asvs: ['v5.0.0-6.3.3 (in part)'],
    cwe: ['CWE-308'],
    needs: 'own-account',
    why: 'Whoever has the password types the address of a page in the place of the code.',
    run: checkSecondFactor,
  },
];

/** Pages that the account of the profile sees, and nobody else. */
const MOST_PAGES = 5;

async function checkSecondFactor(context: RuleContext): Promise<Outcome> {
  const { passwordAlone, isSignedIn } = context.account();
  if (passwordAlone === undefined)
    return notSeen('no account with a second factor was handed over: name one in the profile (secondFactor)');
  const wrong = await passwordAlone(context.visit(), `Wrong-${randomId(12)}`);
  const visitor = context.visit();
  const { answer } = await passwordAlone(visitor);
  if (answer.status === 429)
    return notSeen(`${answered(answer)}: the sign-in is limited, run it again later`);
  // A password that is wrong passes nothing, and would look like a factor that holds.
  if (shapeOf(answer) === shapeOf(wrong.answer))
    return notSeen(`${answered(answer)}, as to a wrong password: look at secondFactor.fields in the profile`);
  const seen = `${answered(answer)} to the password alone`;
  if (await isSignedIn(visitor))
    return judged(
      [
        fault(
          'error',
          'the password alone signs in an account that has a second factor: the page for the code can be left out',
          seen,
          'keep who has given the password apart from who is signed in, until the code was right (a mark in the session that no other page takes)',
        ),
      ],
      seen,
    );
  const { pages } = await context.crawlSignedIn();
  const open: string[] = [];
  for (const page of pages.slice(0, MOST_PAGES)) {
    const { pathname, search } = new URL(page.url);
    const target = `${pathname}${search}`;
    const [mine, theirs] = [await visitor.ask({ target }), await context.askOnce({ target })];
    // What everybody sees tells nothing.
    if (mine.status !== 200 || theirs.status === 200) continue;
    open.push(target);
  }
  return open.length === 0
    ? held(`${seen}; none of ${Math.min(pages.length, MOST_PAGES)} pages opens by it`)
    : judged(
        [
          fault(
            'error',
            'a page for who is signed in opens to the password alone, before the code was given',
            `${seen}; then ${open.join(', ')}`,
            'ask on every page whether the second factor was given, and not only on the first',
          ),
        ],
        seen,
      );
}
