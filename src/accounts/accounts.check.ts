/** What `check` asks of sign-in, reset and registration: whether their answers, or the time these take, tell who has an account. */
import { type Answer, answered, headerOf } from '../core/answer.ts';
import { randomId } from '../core/random.ts';
import {
  fault,
  held,
  judged,
  type Need,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../core/rule.ts';
import { pairedTimes } from './paired-times.ts';

/** Rules about who has an account. */
export const accountsRules: readonly Rule[] = [
  rule('accounts.sign-in-answer', 'A wrong password and an unknown account get the same answer', 'own-account', checkSignIn),
  rule('accounts.sign-in-time', 'They take the same time', 'own-account', checkTime, true),
  rule('accounts.reset-answer', 'A forgotten password is answered alike for every name', 'own-account', (context) => checkNamed(context, 'reset')),
  rule('accounts.register-answer', 'Registering does not tell who is registered', 'own-account', (context) => checkNamed(context, 'register')),
]; // prettier-ignore

function rule(
  id: string,
  title: string,
  needs: Need,
  run: (context: RuleContext) => Promise<Outcome>,
  alone?: true,
): Rule {
  const timed = id.endsWith('-time');
  return {
    id,
    title,
    level: 'warning',
    guide: 7,
    asvs: ['v5.0.0-6.3.8 (in part)'],
    cwe: [timed ? 'CWE-208' : 'CWE-204'],
    needs,
    ...(alone && { alone }),
    run,
  };
}

/** As likely as the profile's name, so that nothing but the account tells them apart. */
function nobodyLike(name: string): string {
  const at = name.indexOf('@');
  const made = `bulwarkcheck${randomId(6)
    .replaceAll(/[^a-z0-9]/gi, 'x')
    .toLowerCase()}`;
  return at === -1 ? made : `${made}${name.slice(at)}`;
}

const wrong = (): string => `Wrong-${randomId(12)}`;
const LIMITED = 'it says that too much was asked: run it again later';

async function checkSignIn({ account, visit, changed }: RuleContext): Promise<Outcome> {
  const { name, signIn } = account();
  const stranger = nobodyLike(name);
  const known = await signIn(visit(), { password: wrong() });
  const unknown = await signIn(visit(), { name: stranger, password: wrong() });
  changed('one sign-in with a wrong password for the account, one for a made-up name');
  return compared(known.answer, unknown.answer, [name, stranger], 'a sign-in with a wrong password');
}

async function checkNamed(context: RuleContext, which: 'reset' | 'register'): Promise<Outcome> {
  const ways = context.account();
  const send = ways[which];
  if (send === undefined) return notSeen(`the profile has no ${which}`);
  const stranger = nobodyLike(ways.name);
  const known = await send(context.visit(), ways.name);
  const unknown = await send(context.visit(), stranger);
  context.changed(
    which === 'reset'
      ? 'a mail for a forgotten password was asked for'
      : `${stranger} was registered, as far as the form goes`,
  );
  return compared(
    known,
    unknown,
    [ways.name, stranger],
    which === 'reset' ? 'a forgotten password' : 'a registration',
  );
}

function compared(known: Answer, unknown: Answer, names: readonly string[], what: string): Outcome {
  if (known.status === 429 || unknown.status === 429)
    return notSeen(`${answered(known.status === 429 ? known : unknown)}: ${LIMITED}`);
  const [one, other] = [known, unknown].map((answer) => wordsOf(answer, names));
  const seen = `${answered(known)} for an account, ${unknown.status} for nobody's name`;
  if (one === other) return held(`${seen}, in the same words`);
  return judged(
    [
      fault(
        'warning',
        `the answer to ${what} tells who has an account`,
        `${seen}, ${differ(one ?? '', other ?? '')}`,
        'answer the same words, status and address to both, and write to the mail address what differs',
        { mark: what },
      ),
    ],
    '',
  );
}

/** What a person reads of it: without names, tokens and numbers, which differ in any two answers. */
function wordsOf(answer: Answer, names: readonly string[]): string {
  let text = answer.body;
  for (const name of names)
    text = text
      .replaceAll(name, 'NAME')
      .replaceAll(encodeURIComponent(name), 'NAME')
      .replaceAll(name.replaceAll('+', '&#43;'), 'NAME');
  const words = text
    .replaceAll(/[\w+/=-]{16,}/g, '')
    .replaceAll(/\d+/g, '0')
    .replaceAll(/\s+/g, ' ');
  return [answer.status, new URL(answer.url).pathname, headerOf(answer, 'location') ?? '', words].join('\n');
}

function differ(one: string, other: string): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const from = Math.max(0, at - 10);
  const part = (text: string): string => text.slice(from, from + 60).replaceAll(/<[^>]*>?/g, ' ');
  return `"${part(one)}" and "${part(other)}"`;
}

async function checkTime({ account, visit, changed }: RuleContext): Promise<Outcome> {
  const { name, signIn } = account();
  const pairs: (readonly [known: number, unknown: number])[] = [];
  for (let count = 0; count < 20; count += 1) {
    // In turn, and each first as often: what drifts while it runs hits both alike.
    const order = count % 2 === 0 ? ['known', 'unknown'] : ['unknown', 'known'];
    const times: Record<string, number> = {};
    for (const who of order) {
      const { answer, milliseconds } = await signIn(
        visit(),
        who === 'known' ? { password: wrong() } : { name: nobodyLike(name), password: wrong() },
      );
      if (answer.status === 429) {
        changed(`${2 * pairs.length} sign-ins with wrong passwords`);
        return pairs.length < 8
          ? notSeen(`${answered(answer)} after ${pairs.length} pairs: ${LIMITED}`)
          : verdictOn(pairs);
      }
      times[who] = milliseconds;
    }
    pairs.push([times['known'] ?? 0, times['unknown'] ?? 0]);
  }
  changed(`${2 * pairs.length} sign-ins with wrong passwords`);
  return verdictOn(pairs);
}

function verdictOn(pairs: readonly (readonly [number, number])[]): Outcome {
  const { difference, probability, known } = pairedTimes(pairs);
  const seen = `${pairs.length} pairs, the middle difference ${difference.toFixed(1)} ms of ${known.toFixed(1)} ms, by chance in ${(100 * probability).toFixed(2)} % of cases`;
  const tells = probability < 0.01 && Math.abs(difference) > 2 && Math.abs(difference) > known / 10;
  return judged(
    tells
      ? [
          fault(
            'warning',
            'the time of a sign-in tells who has an account',
            seen,
            'check a password against a made-up hash where there is no account',
            { confidence: 'medium', mark: 'time' },
          ),
        ]
      : [],
    seen,
  );
}
