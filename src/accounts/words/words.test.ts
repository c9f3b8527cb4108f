import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD } from '../../../test/support/accounts.ts';
import { readSection } from '../../../test/support/read-section.ts';
import { PolicyError } from '../../core/errors.ts';
import { Problems } from '../../core/problems.ts';
import { accountsOptions } from '../accounts.options.ts';
import * as texts from '../mail/texts.ts';
import type { Mail } from '../mail/mail.ts';
import { checkLanguages } from './own-words.ts';
import { formOf, slotsOf, type WordKey, type Words } from './english.ts';
import { WORDS } from './words.ts';
import { Wording } from './wording.ts';

const KEYS = Object.keys(WORDS.en) as WordKey[];
const EMAIL = 'ann@example.com';
/** The same word in both. */
const ALIKE = {
  de: ['page.code', 'account.passkeys', 'token.fileName'],
  fr: ['page.code'],
  es: ['page.error'],
  ar: [],
} as const;
const LANGUAGES = Object.keys(ALIKE) as (keyof typeof ALIKE)[];

/** What is refused of sentences of one's own. */
function refused(words: unknown): readonly string[] {
  try {
    readSection('accounts', accountsOptions, { words });
  } catch (error) {
    if (error instanceof PolicyError) return error.problems.map(({ option, fix }) => `${option}: ${fix}`);
    throw error;
  }
  return [];
}

test('each language has each sentence, with the same put in, and none that was left in English', () => {
  assert.deepEqual(Object.keys(WORDS), ['en', ...LANGUAGES]);
  for (const language of LANGUAGES) {
    const alike: readonly string[] = ALIKE[language];
    for (const key of KEYS) {
      const [ours, english] = [WORDS[language][key], WORDS.en[key]];
      assert.deepEqual(slotsOf(ours).toSorted(), slotsOf(english).toSorted(), `${language} ${key}`);
      const isForm = /^[^a-z]*(?:\{\w+\}[^a-z]*)+(?:UTC)?$/.test(english);
      if (!isForm && !alike.includes(key)) assert.notEqual(ours, english, `${language} ${key}`);
    }
  }
});

test('a sentence has the form that its number asks for, and each form puts in what its sentence does', () => {
  const forms = Object.entries(WORDS.ar).filter(([key]) => !Object.hasOwn(WORDS.en, key));
  for (const [key, text] of forms) {
    const unknown = slotsOf(text).filter((slot) => !slotsOf(formOf(key) ?? '').includes(slot));
    assert.deepEqual(unknown, [], key);
    // These two name a number of many values: it has to be read in them.
    if (/\.(?:few|many)$/.test(key)) assert.equal(slotsOf(text).length, 1, key);
    if (key.endsWith('.few')) assert.ok(Object.hasOwn(WORDS.ar, key.replace(/few$/, 'many')), key);
  }
  const arabic = new Wording('ar', WORDS.ar);
  const remembered = [1, 2, 3, 11, 100].map((count) => arabic.count('account.remembered', count));
  assert.equal(new Set(remembered.map((text) => text.replaceAll(/\d+/g, '#'))).size, 5, remembered.join(' '));
  const hints = [8, 15, 100].map((least) => arabic.say('choose.hint', { least }));
  assert.equal(new Set(hints.map((text) => text.replaceAll(/\d+/g, '#'))).size, 3, hints.join(' '));
  const english = new Wording('en', { ...WORDS.en, 'choose.hint.one': 'Something. {least}.' });
  assert.equal(english.say('choose.hint', { least: 1 }), 'Something. 1.');
  assert.equal(english.say('choose.hint', { least: 8 }).slice(0, 10), 'At least 8');
});

test('sentences of the application are refused by a name that there is not, and the nearest is told', () => {
  assert.deepEqual(refused({ 'mail.reset.subject': 'A new password for {service}' }), []);
  assert.deepEqual(refused({ 'mail.reset.subjekt': 'x' }), [
    "accounts.words['mail.reset.subjekt']: did you mean 'mail.reset.subject'?",
  ]);
  const ours = "'mail.reset.subject': 'Choose a new password for {service}'";
  assert.deepEqual(refused({ 'choose.hint.few': 'Some {least}', 'tokens.live.many': '{count}' }), []);
  assert.equal(refused({ 'choose.hint.few': '{most}' }).length, 1);
  for (const unknown of ['choose.hint.several', 'choose.few', 'page', '.few'])
    assert.equal(refused({ [unknown]: 'x' }).length, 1, unknown);
  for (const text of ['', 7, 'For {name}'])
    assert.deepEqual(refused({ 'mail.reset.subject': text }), [
      `accounts.words['mail.reset.subject']: ${ours}`,
    ]);
  assert.equal(refused('mail').length, 1);
});

test('of several languages, own sentences say which they are in, and a language of the application has all of them', () => {
  const refusedOf = (accounts: object): readonly string[] => {
    try {
      const { language, words } = readSection('accounts', accountsOptions, accounts);
      const problems = new Problems('production');
      checkLanguages(language, words, problems);
      problems.throwIfAny();
    } catch (error) {
      if (error instanceof PolicyError)
        return error.problems.map(({ option, reason }) => `${option}: ${reason}`);
      throw error;
    }
    return [];
  };
  const title = { 'signIn.title': 'Hello' };
  assert.deepEqual(refusedOf({ language: ['en', 'de'] }), []);
  assert.deepEqual(refusedOf({ language: 'de-AT', words: title }), []);
  assert.deepEqual(refusedOf({ language: ['en', 'de'], words: { en: title } }), []);
  assert.deepEqual(refusedOf({ language: ['en', 'de'], words: title }), [
    "accounts.words['signIn.title']: there are several languages, and it says of none which it is in.",
  ]);
  assert.deepEqual(refusedOf({ words: { de: title } }), [
    "accounts.words['de']: it is no language of accounts.language.",
  ]);
  assert.deepEqual(refusedOf({ language: 'en', words: { en: { 'signIn.titel': 'x' } } }), [
    "accounts.words['en']['signIn.titel']: there is no sentence of this name.",
  ]);
  const missing = `${KEYS.length - 1} sentences of 'it' are missing.`;
  assert.deepEqual(refusedOf({ language: ['en', 'it'], words: { it: title } }), [
    `accounts.language: ${missing}`,
  ]);
  assert.deepEqual(refusedOf({ language: ['en', 'it'], words: { it: WORDS.de } }), []);
  assert.deepEqual(refusedOf({ language: ['fr-CA', 'es', 'ar'] }), []);
  for (const language of [
    '',
    'EN',
    'english',
    [],
    ['en', 'en'],
    ['en', 7],
    'de-',
    'xx-y',
    '../de',
    Array(17).fill('en'),
  ])
    assert.equal(refusedOf({ language }).length, 1, JSON.stringify(language));
});

test('a sentence of the application has the place of ours, and the others stay', async () => {
  const site = new FakeAccounts({ language: 'de', words: { 'mail.confirm.subject': 'Nur noch ein Klick' } });
  await site.person().visit((visit) => site.accounts.registration.ask(visit, EMAIL));
  await site.accounts.settled();
  assert.equal(site.mails[0]?.subject, 'Nur noch ein Klick');
  assert.match(site.mails[0]?.text ?? '', /^Jemand, hoffentlich Sie selbst/);
});

test('mails are in German where the policy says so, with their times', async () => {
  const site = new FakeAccounts({ language: 'de' });
  const { person, account } = await site.member(EMAIL);
  await site.person('192.0.2.9').signIn(EMAIL);
  await person.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  await person.visit(async (visit) => {
    const record = await site.accounts.current(visit);
    assert.ok(record !== undefined && record.id === account.id);
    await site.accounts.credentials.changePassword(visit, record, {
      current: PASSWORD,
      next: 'some other five words instead',
    });
  });
  await site.accounts.settled();
  const subjects = site.mails.map(({ subject }) => subject);
  for (const subject of [
    'Best\u00e4tigen Sie Ihre Adresse f\u00fcr Example',
    'Eine neue Anmeldung bei Ihrem Konto (Example)',
    'W\u00e4hlen Sie ein neues Passwort f\u00fcr Example',
    'Ihr Passwort wurde ge\u00e4ndert (Example)',
  ])
    assert.ok(subjects.includes(subject), `${subject}: ${subjects.join('; ')}`);
  const all = site.mails.map(({ text }) => text).join('\n');
  assert.match(all, /Er gilt einmal und 24 Stunden lang:/);
  assert.match(all, /Er gilt einmal und 20 Minuten lang:/);
  assert.match(all, /Wann: \d+\. \S+ \d{4} um \d\d:\d\d UTC\nVon: 192\.0\.2\.9, Firefox unter Linux/);
  assert.doesNotMatch(all, /\b(?:you|your|password)\b/i);
});

test('no sentence of a mail is anywhere but in the tables', () => {
  const marked = Object.fromEntries(
    KEYS.map((key) => [
      key,
      WORDS.en[key].replaceAll(/\{\w+\}|[a-z]/gi, (one) => (one.length > 1 ? one : '#')),
    ]),
  );
  const sender = { name: '1', words: new Wording('en', marked as Words), link: () => '2' };
  const notice = { to: '3@4', when: '5', where: '6' };
  const life = 20 * 60_000;
  const token = { hint: '7', scopes: ['8:9'], expiresAt: Date.UTC(2026, 4, 1) };
  const mails: Readonly<Record<keyof typeof texts, Mail>> = {
    confirmRegistration: texts.confirmRegistration(sender, '3@4', '/', life),
    alreadyRegistered: texts.alreadyRegistered(sender, '3@4', '/', life),
    resetPassword: texts.resetPassword(sender, '3@4', '/', life),
    invitation: texts.invitation(sender, '3@4', '/', life),
    confirmNewEmail: texts.confirmNewEmail(sender, '3@4', '/', life),
    addressIsTaken: texts.addressIsTaken(sender, '3@4'),
    emailChangeAsked: texts.emailChangeAsked(sender, notice, '3@5'),
    emailChanged: texts.emailChanged(sender, notice, '3@5'),
    newsOf: texts.newsOf('mail.news.linked')(sender, notice),
    accountRemoved: texts.accountRemoved(sender, notice),
    factorsResetAsked: texts.factorsResetAsked(sender, notice),
    factorsReset: texts.factorsReset(sender, notice),
    tokenMade: texts.tokenMade(sender, notice, token),
    passwordReset: texts.passwordReset(sender, notice),
    newDevice: texts.newDevice(sender, notice),
    guessed: texts.guessed(sender, notice),
    deletionAsked: texts.deletionAsked(sender, notice, Date.UTC(2026, 4, 1)),
  };
  for (const [name, { subject, text }] of Object.entries(mails)) {
    // What Intl says of amounts and days is of its own tables.
    const rest = `${subject}\n${text}`.replaceAll(/20 minutes|1 May 2026/g, '');
    assert.doesNotMatch(rest, /[a-z{}]/i, name);
  }
});
