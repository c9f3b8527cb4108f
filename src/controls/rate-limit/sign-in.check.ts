/** What `check` asks of a sign-in about guessing. It uses up the limit of this client, so it runs alone. */
import { type Answer, answered, shapeOf } from '../../core/answer.ts';
import { randomId } from '../../core/random.ts';
import { fault, held, judged, type Outcome, type Rule, type RuleContext } from '../../core/rule.ts';

/** Rules about guessing. */
export const signInLimitRules: readonly Rule[] = [
  {
    id: 'rate.sign-in',
    title: 'Passwords of one account cannot be guessed one after the other',
    level: 'error',
    guide: 8,
    asvs: ['v5.0.0-6.3.1 (in part)'],
    cwe: ['CWE-307'],
    needs: 'own-account',
    alone: true,
    run: (context) => guess(context, () => `bulwark-check-${SAME}@example.com`, MOST_SAME, 'one account'),
  },
  {
    id: 'rate.sign-in-many',
    title: 'One client cannot try its luck with one account after the other',
    level: 'warning',
    guide: 8,
    asvs: ['v5.0.0-6.3.1 (in part)'],
    cwe: ['CWE-307'],
    needs: 'own-account',
    alone: true,
    run: (context) =>
      guess(context, () => `bulwark-check-${randomId(6)}@example.com`, MOST_MANY, 'as many accounts'),
  },
];

/** Nobody's name: no account is locked by it. */
const SAME = 'nobody';
const MOST_SAME = 15;
const MOST_MANY = 30;

async function guess(
  { account, visit, changed }: RuleContext,
  name: () => string,
  most: number,
  what: string,
): Promise<Outcome> {
  const { signIn } = account();
  let first: Answer | undefined;
  for (let count = 1; count <= most; count += 1) {
    const { answer } = await signIn(visit(), { name: name(), password: `wrong-${randomId(9)}` });
    first ??= answer;
    // Another answer to the same is a limit too: a challenge, a pause, a page that says so.
    const limited =
      answer.status === 429 ||
      (answer.status >= 400 && answer.status !== first.status) ||
      shapeOf(answer) !== shapeOf(first);
    if (!limited) continue;
    changed(`${count} sign-ins with wrong passwords of ${what}, made-up names`);
    return held(
      `${answered(answer)} to wrong password number ${count} of ${what}, ${first.status} to the first`,
    );
  }
  changed(`${most} sign-ins with wrong passwords of ${what}, made-up names`);
  const seen = `${most} wrong passwords of ${what}, each answered ${first?.status}`;
  return judged(
    [
      fault(
        what === 'one account' ? 'error' : 'warning',
        `${most} wrong passwords of ${what} in a row meet no limit`,
        seen,
        "'POST /login': { limit: '5/minute', by: ['client', 'account'] }",
        { where: { method: 'POST', url: first?.url ?? '' } },
      ),
    ],
    '',
  );
}
