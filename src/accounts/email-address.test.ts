import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseEmailAddress } from './email-address.ts';

function keyOf(text: string): string | undefined {
  return parseEmailAddress(text)?.key;
}

test('reads addresses as people write them', () => {
  for (const [text, key] of [
    ['anna@example.com', 'anna@example.com'],
    ['  Anna.Berg@Example.COM ', 'anna.berg@example.com'],
    ["o'neil+files@mail.example.co.uk", "o'neil+files@mail.example.co.uk"],
    ['anna@b\u00fccher.example', 'anna@xn--bcher-kva.example'],
  ] as const) {
    assert.equal(keyOf(text), key, text);
  }
});

test('keeps the spelling of the name for the page and folds it for the look-up', () => {
  assert.deepEqual(parseEmailAddress(' Anna@Example.com'), {
    shown: 'Anna@example.com',
    key: 'anna@example.com',
  });
});

test('mails go to the domain that the account is found by, in the one spelling that every mailer reads alike', () => {
  assert.equal(parseEmailAddress('anna@b\u00fccher.example')?.shown, 'anna@xn--bcher-kva.example');
  assert.equal(parseEmailAddress('anna@o\ufb03ce.example')?.shown, 'anna@office.example');
});

test('nothing stands in a domain that a reading of it would leave out', () => {
  for (const rest of [
    '/x',
    '?.evil.example',
    '#@evil.example',
    '\\x',
    '%2eevil',
    ':25',
    '\t',
    '\n',
    '\u3002org',
  ]) {
    assert.equal(parseEmailAddress(`ceo@victim.example${rest}x`), undefined, JSON.stringify(rest));
    assert.equal(parseEmailAddress(`ceo@vic${rest}tim.example`), undefined, JSON.stringify(rest));
  }
});

test('refuses what no mail reaches', () => {
  for (const text of [
    'anna',
    '@example.com',
    'anna@',
    'anna@localhost',
    'anna@example..com',
    'anna@-example.com',
    'anna@example-.com',
    '.anna@example.com',
    'anna..berg@example.com',
    'anna berg@example.com',
    'anna@exa mple.com',
    'anna@example.com\nbcc: all@example.com',
    'anna@example.com, bob@example.com',
    '"anna"@example.com',
    'anna@[192.0.2.1]',
    'anna@192.0.2.1',
    'anna@127.1',
    'anna@0x7f.1',
    'anna@example.123',
    `${'a'.repeat(65)}@example.com`,
    `anna@${'a.'.repeat(130)}com`,
  ]) {
    assert.equal(keyOf(text), undefined, JSON.stringify(text));
  }
});

test('one account has one spelling of its domain: nothing hides in it that its look-up would leave out', () => {
  for (const text of [
    'bob@ex\u00adample.com',
    'bob@exam\u200bple.com',
    'b\u2060ob@example.com',
    'bob@example\ufe0f.com',
  ]) {
    assert.equal(parseEmailAddress(text), undefined, JSON.stringify(text));
  }
});

test('lets no letters through that look or fold like others (CVE-2019-19844)', () => {
  assert.equal(keyOf('m\u0131ke@example.com'), undefined);
  assert.equal(keyOf('\u0430nna@example.com'), undefined);
  assert.equal(keyOf('anna\u212a@example.com'), undefined);
});

test('gives every text an answer, and one key to every spelling of an address', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const key = keyOf(text);
      return key === undefined || (keyOf(key) === key && keyOf(text.toUpperCase()) === key);
    }),
  );
  fc.assert(fc.property(fc.emailAddress(), (text) => keyOf(text) === text.toLowerCase()));
});
