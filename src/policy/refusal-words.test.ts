import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalWordsOf } from '../accounts/words/refusal-words.ts';
import { NO_OWN_WORDS } from '../accounts/words/own-words.ts';
import { WORDS } from '../accounts/words/words.ts';
import { withLanguage } from '../controls/errors/refusal-words.ts';
import { renderRefusal } from '../controls/errors/render.ts';
import { GATEWAY_PROBLEMS } from '../gateway/gateway.events.ts';
import { PROBLEMS } from '../core/problem-types.ts';
import { ALL_CONTROLS } from './controls.ts';

const TYPES = [PROBLEMS, GATEWAY_PROBLEMS, ...ALL_CONTROLS.map(([, { problems = {} }]) => problems)].flatMap(
  (group) => Object.values(group),
);
const wordsOf = (language: readonly string[], own = NO_OWN_WORDS): ReturnType<typeof refusalWordsOf> =>
  refusalWordsOf({ language, words: own });

test('every type of problem has its title and a sentence in each language, in English the one that it declares', () => {
  const german = wordsOf(['de'])(undefined);
  const english = wordsOf(['en'])(undefined);
  for (const type of TYPES) {
    const refusal = { ...type, detail: 'said by the refusal' };
    const page = renderRefusal(refusal, 'html', 'id', undefined, undefined, german).body;
    assert.ok(!page.includes(type.title) && !page.includes(refusal.detail), type.type);
    assert.match(page, /<html lang="de" dir="ltr">[^]*Anfrage <code>id<\/code>/);
    assert.equal((WORDS.en as Readonly<Record<string, string>>)[`problem.${type.type}.title`], type.title);
    assert.equal(
      renderRefusal(refusal, 'html', 'id', undefined, undefined, english).body,
      renderRefusal(refusal, 'html', 'id').body,
    );
  }
});

test('a type of the application keeps its title, and a sentence of the application has the place of ours', () => {
  const refusal = { type: 'closed-now', title: 'Closed', status: 503, detail: 'Come back at nine.' };
  const own = { all: { 'problem.not-found.detail': 'Nichts da.' }, by: new Map() };
  const german = wordsOf(['de'], own)(undefined);
  assert.deepEqual([german.titleOf(refusal), german.detailOf(refusal)], ['Closed', 'Come back at nine.']);
  assert.equal(german.detailOf({ ...PROBLEMS.notFound, detail: 'x' }), 'Nichts da.');
});

test('an answer whose language is chosen says so beside what it says already', () => {
  const both = wordsOf(['en', 'de'])('de');
  assert.deepEqual(
    withLanguage(
      [
        ['Vary', 'Origin'],
        ['Allow', 'GET'],
      ],
      both,
    ),
    [
      ['Allow', 'GET'],
      ['Content-Language', 'de'],
      ['Vary', 'Origin, Accept-Language'],
    ],
  );
  assert.deepEqual(withLanguage([['Vary', 'Origin']], wordsOf(['de'])('en')), [
    ['Vary', 'Origin'],
    ['Content-Language', 'de'],
  ]);
});
