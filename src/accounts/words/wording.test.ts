import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Wording } from './wording.ts';
import { WORDS } from './words.ts';

const NOW = Date.UTC(2026, 2, 14, 9, 30);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const english = new Wording('en', WORDS.en);
const german = new Wording('de', WORDS.de);

test('says how long ago something was, and past a week on which day', () => {
  const said: readonly (readonly [minutes: number, words: string, german: string])[] = [
    [0, 'just now', 'gerade eben'],
    [0.99, 'just now', 'gerade eben'],
    [1, '1 minute ago', 'vor 1 Minute'],
    [5.9, '5 minutes ago', 'vor 5 Minuten'],
    [60, '1 hour ago', 'vor 1 Stunde'],
    [23 * 60 + 59, '23 hours ago', 'vor 23 Stunden'],
    [24 * 60, '1 day ago', 'vor 1 Tag'],
    [6.9 * 24 * 60, '6 days ago', 'vor 6 Tagen'],
    [7 * 24 * 60, '7 March 2026', '7. M\u00e4rz 2026'],
  ];
  for (const [minutes, words, inGerman] of said) {
    assert.equal(english.ago(NOW - minutes * MINUTE, NOW), words);
    assert.equal(german.ago(NOW - minutes * MINUTE, NOW), inGerman);
  }
});

test('a time that another clock put ahead is now', () => {
  assert.equal(english.ago(NOW + MINUTE, NOW), 'just now');
});

test('says how long to wait, how long something works, and when', () => {
  const said = (words: Wording): readonly string[] => [
    ...[0, 999, 1001, 59_000, 61_000].map((ms) => words.wait(ms)),
    ...[30 * DAY, 1.5 * DAY].map((ms) => words.days(ms)),
    words.exact(NOW),
    words.shortDay(NOW),
  ];
  assert.deepEqual(said(english), [
    '1 second',
    '1 second',
    '2 seconds',
    '59 seconds',
    '2 minutes',
    '30 days',
    '36 hours',
    '14 Mar 2026, 09:30 UTC',
    '14 Mar 2026',
  ]);
  assert.deepEqual(said(german), [
    '1 Sekunde',
    '1 Sekunde',
    '2 Sekunden',
    '59 Sekunden',
    '2 Minuten',
    '30 Tage',
    '36 Stunden',
    '14.03.2026, 09:30 UTC',
    '14.03.2026',
  ]);
});

test('numbers stand as the language writes them, and one of a thing has a form of its own', () => {
  assert.equal(english.say('choose.hint', { least: 1500 }).slice(0, 14), 'At least 1,500');
  assert.equal(german.say('choose.hint', { least: 1500 }).slice(0, 16), 'Mindestens 1.500');
  assert.equal(english.count('account.remembered', 1), WORDS.en['account.remembered.one']);
  assert.equal(german.count('account.remembered', 2).slice(0, 8), '2 Ger\u00e4te');
});

test('what is put into a sentence is put in as it is, braces and all', () => {
  assert.equal(english.say('again.why', { email: '{email}$&' }).slice(0, 24), 'Signed in as {email}$&. ');
});

test('times are those of each language', () => {
  const said = (['fr', 'es', 'ar'] as const).map((language) => {
    const words = new Wording(language, WORDS[language]);
    return [words.life(2 * MINUTE), words.day(NOW), words.ago(NOW - 5 * MINUTE, NOW)];
  });
  assert.deepEqual(said, [
    ['2 minutes', '14 mars 2026', 'il y a 5 minutes'],
    ['2 minutos', '14 de marzo de 2026', 'hace 5 minutos'],
    [
      '\u062f\u0642\u064a\u0642\u062a\u0627\u0646',
      '14 \u0645\u0627\u0631\u0633 2026',
      '\u0642\u0628\u0644 5 \u062f\u0642\u0627\u0626\u0642',
    ],
  ]);
});

test('what is put into a sentence from the right keeps the order it has, and a link is put in as it is', () => {
  const arabic = new Wording('ar', WORDS.ar);
  assert.ok(arabic.say('choose.for', { email: 'ann@example.com' }).includes('\u2068ann@example.com\u2069'));
  const link = 'https://example.com/reset?token=1';
  const said = arabic.say('mail.registered.signIn', { link });
  assert.ok(said.endsWith(` ${link}`), said);
  assert.equal(english.say('choose.for', { email: 'ann@example.com' }), 'For ann@example.com.');
});

test('a language that is written from the right says so', () => {
  assert.deepEqual(
    ['en', 'de', 'ar', 'he-IL'].map((language) => new Wording(language, WORDS.en).direction),
    ['ltr', 'ltr', 'rtl', 'rtl'],
  );
});
