/**
 * No text is on any account page but those of the tables: in a language whose sentences have no letters, on every host, with
 * everything that people can do wrong.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { busyPage } from '../../src/account-pages/busy-page.ts';
import { passwordErrors } from '../../src/account-pages/mail-link-pages.ts';
import { Wording } from '../../src/accounts/words/wording.ts';
import type { PasswordProblemCode } from '../../src/identity/passwords/password-rules.ts';
import { startAccountSite } from '../support/account-site.ts';
import { Reader, Walk, WALK } from '../support/account-walk.ts';
import { allSentences, lettersOf, MADE_UP, MADE_UP_WORDS, sentencesOf } from '../support/made-up-language.ts';
import { OpenIdProvider } from '../support/openid-provider.ts';
import type { Page } from '../support/visitor.ts';
import { doWork, workOn } from '../support/work.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';

const EMAIL = 'ann@example.com';
const WRONG = 'not this one, surely';
/** Names, and what people or machines have said of themselves. */
const DATA = /^(?:Example|[Hh]ome|Firefox|Linux|Nightly|none|files:\w+|[\w.]+@example\.com)$/;
/** What no walk through pages comes by: each has a reason. */
const UNSEEN: readonly RegExp[] = [
  // Mails have a test of their own.
  /^mail\./,
  // Of a user agent that nobody knows, roles that nobody has here, and events of operators.
  /^device\.unknown|^account\.roles$|^activity\.(?:account-disabled|account-enabled|roles-changed|sign-in-blocked)$/,
  /^activity\.(?:signed-out-by-operator|factors-reset(?:-asked)?)$/,
  // Of one's data in a file, which no walk asks for.
  /^activity\.data-exported$/,
  // Of passkeys, which no visitor here has.
  /^account\.passkey(?:Made|Used)$|^account\.removePasskey$|^means\.passkey|^passkey\.use$/,
  // Of browsers that bind sessions to their device, and of sessions that were tried elsewhere.
  /^account\.deviceBound$|^activity\.session-misused$/,
  // Of tokens that were used with a key.
  /^tokens\.bound$/,
  // Of browsers that stay signed in, which no walk asks for.
  /^signIn\.stay$|^account\.stay|^activity\.stay-copied$|^means\.stay/,
  // Of the removal of one's own account, which no walk asks for.
  /^delet(?:ion|ed)\.|^keep\.(?:title|leave)$|^activity\.deletion-/,
  // Where there is one of something: this language has no form of its own for that.
  /\.one$/,
  // Somebody who signs in elsewhere, and has a second step here too.
  /^means\.providerAndFactor$/,
  // An account begins with something.
  /^account\.nothingYet$/,
  // Where a list of stolen passwords silent, or somebody else was quicker.
  /^password\.stale$|^newToken\.(?:failed|sentBefore|tooMany|noLife)$/,
  // What providers and other tabs can do wrong: the sentence is one of a table by its type.
  /^identity\.(?:not-signed-in|other-account|other-identity|late|taken|misconfigured|not-fresh|byMail|unfit|unavailable)$/,
  // Refusals that no person meets by these pages.
  /^problem\./,
];

const ACCOUNTS = { language: MADE_UP, words: { [MADE_UP]: MADE_UP_WORDS } };
const seen = new Set<string>();
const look = (page: Page): void => {
  const left = lettersOf(page).filter((word) => !DATA.test(word));
  assert.deepEqual(left, [], /<title>.*/.exec(page.text)?.[0]);
  assert.match(page.text, /<html lang="ja" dir="ltr">/);
  assert.equal(page.headers.get('content-language'), MADE_UP);
  for (const key of sentencesOf(page)) seen.add(key);
};

let provider: OpenIdProvider;
before(async () => {
  provider = await OpenIdProvider.start();
});
after(() => {
  provider.stop();
});

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  describe(`in a language without letters, on ${name}`, () => {
    let walk: Walk;
    before(async () => {
      walk = await Walk.begin(host, { provider, accounts: ACCOUNTS, look });
    });
    after(() => walk.site.stop());

    for (const [who, step] of Object.entries(WALK)) test(who, () => step(walk));
  });
}

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  test(`for whoever is asked for work, on ${name}`, async (t) => {
    const site = await startAccountSite(host, {
      challenge: { when: 'always' },
      accounts: ACCOUNTS,
    });
    t.after(() => site.stop());
    const reader = new Reader(site.url, look);
    assert.equal((await reader.post('/login', { email: EMAIL, password: WRONG })).status, 422);
    const fields = { email: EMAIL };
    assert.equal((await reader.submit('/register', '/register', fields)).status, 429);
    const { text } = await reader.get('/register');
    const work = workOn(text);
    assert.ok(work !== undefined);
    const pause = /name="pause" value="([^"]*)"/.exec(text)?.[1] ?? '';
    const proved = { ...fields, pause, challenge: work.challenge, proof: await doWork(work) };
    assert.equal((await reader.post('/register', proved)).status, 303);
    const stale = await reader.post('/register', { ...proved, email: 'bob@example.com' });
    assert.ok(sentencesOf(stale).includes('challenge.stale'), sentencesOf(stale).join());
  });

  test(`where accounts are closed, whoever looks for a form is told so and finds none, on ${name}`, async (t) => {
    const site = await startAccountSite(host, { accounts: { ...ACCOUNTS, registration: 'closed' } });
    t.after(() => site.stop());
    const reader = new Reader(site.url, look);
    assert.ok(!sentencesOf(await reader.get('/login')).includes('signIn.create'));
    const asked = await reader.get('/register');
    assert.ok(sentencesOf(asked).includes('register.closed'));
    assert.doesNotMatch(asked.text, /<form/);
    const sent = await reader.post('/register', { email: EMAIL });
    assert.ok(sentencesOf(sent).includes('register.closed'));
    assert.equal(sent.status, 422);
  });
}

test('of passwords that are not taken, and where too many wait', () => {
  const words = new Wording(MADE_UP, MADE_UP_WORDS);
  const codes = allSentences().flatMap((key) =>
    key.startsWith('unfit.') ? [key.slice('unfit.'.length)] : [],
  );
  const problems = codes.map((code) => ({ code: code as PasswordProblemCode, message: 'in English' }));
  const errors = passwordErrors(words, problems, 15).map(({ message }) => message);
  const busy = busyPage(words);
  assert.ok(busy.kind === 'page');
  const text = [...errors, busy.title, busy.body.text].join('\n');
  const page = { text, status: 200, headers: new Headers(), location: null };
  assert.deepEqual(lettersOf(page), []);
  for (const key of sentencesOf(page)) seen.add(key);
});

test('every sentence was on one of the pages, but those that no walk comes by', () => {
  const missed = allSentences().filter((key) => !seen.has(key) && !UNSEEN.some((one) => one.test(key)));
  assert.deepEqual(missed, []);
});
