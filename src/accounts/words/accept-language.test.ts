import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { chooseLanguage } from './accept-language.ts';

const BOTH = ['en', 'de'];

test('the language that a browser weighs most is chosen, of equals the one it names first', () => {
  const chosen: readonly (readonly [header: string, language: string])[] = [
    ['de', 'de'],
    ['DE', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['en-GB,en;q=0.9,de;q=0.8', 'en'],
    ['en;q=0.8, de;q=0.9', 'de'],
    ['fr, de;q=0.2, en;q=0.1', 'de'],
    ['de,en', 'de'],
    ['en,de', 'en'],
  ];
  for (const [header, language] of chosen) assert.equal(chooseLanguage(header, BOTH), language, header);
});

test('whoever asks for none of them gets the first, and so does whoever asks for any', () => {
  for (const header of ['', 'fr', '*', 'fr,*;q=0.5', 'de;q=0', 'de;q=2', 'de;q=x', ',;,;q=1', 'deu', 'd'])
    assert.equal(chooseLanguage(header, BOTH), 'en', header);
});

test('a region is no other language, whichever of the two names it', () => {
  assert.equal(chooseLanguage('de', ['en', 'de-AT']), 'de-AT');
  assert.equal(chooseLanguage('de-CH', ['en', 'de']), 'de');
  assert.equal(chooseLanguage('pt-BR', ['en', 'pt-PT', 'pt-BR']), 'pt-BR');
});

test('whatever the header, one of the languages is chosen, and only its beginning is read', () => {
  fc.assert(fc.property(fc.string(), (header) => BOTH.includes(chooseLanguage(header, BOTH))));
  assert.equal(chooseLanguage(`${'x,'.repeat(250)}de`, BOTH), 'en');
  assert.equal(chooseLanguage(`${'x,'.repeat(248)}de`, BOTH), 'de');
});
