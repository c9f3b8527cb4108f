import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { field, MAX_NOTE_LENGTH, parseEmail, parseNextPath, parseNote } from './validation.ts';

function noteMessage(text: string): string {
  const note = parseNote(text);
  return note.ok ? 'ok' : note.message;
}

function keyOf(text: string): string | undefined {
  const email = parseEmail(text);
  return email.ok ? email.value.key : undefined;
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

test('keeps the spelling for the page and folds it for the look-up', () => {
  const email = parseEmail(' Anna@Example.com');
  assert.deepEqual(email, { ok: true, value: { shown: 'Anna@Example.com', key: 'anna@example.com' } });
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
    assert.equal(parseEmail(text).ok, false, JSON.stringify(text));
  }
});

test('lets no letters through that look or fold like others (CVE-2019-19844)', () => {
  assert.equal(keyOf('m\u0131ke@example.com'), undefined);
  assert.equal(keyOf('\u0430nna@example.com'), undefined);
  assert.equal(keyOf('anna\u212a@example.com'), undefined);
});

test('asks for an address where there is none', () => {
  const email = parseEmail('   ');
  assert.equal(email.ok ? '' : email.message, 'Enter your email address.');
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

test('takes a field for a text or for nothing at all', () => {
  assert.equal(field({ email: 'a' }, 'email'), 'a');
  for (const body of [
    undefined,
    null,
    'email=a',
    {},
    { email: ['a', 'b'] },
    { email: { $ne: '' } },
    { email: 1 },
  ]) {
    assert.equal(field(body, 'email'), '');
  }
});

test('reads nothing off the prototype', () => {
  assert.equal(field({}, 'constructor'), '');
  assert.equal(field(Object.create({ email: 'a' }), 'email'), '');
});

test('keeps a note as it was written, without the blanks around it', () => {
  assert.deepEqual(parseNote('  one\r\ntwo <b>three</b>\n'), { ok: true, value: 'one\ntwo <b>three</b>' });
});

test('refuses an empty note, one that is too long and one with a NUL, and says why', () => {
  assert.equal(noteMessage(' \r\n '), 'Write something first.');
  assert.equal(noteMessage('a'.repeat(MAX_NOTE_LENGTH)), 'ok');
  assert.equal(
    noteMessage('a'.repeat(MAX_NOTE_LENGTH + 1)),
    'That is 1 character too long. A note holds 4000.',
  );
  assert.equal(
    noteMessage('a'.repeat(MAX_NOTE_LENGTH + 20)),
    'That is 20 characters too long. A note holds 4000.',
  );
  assert.equal(noteMessage('a\0b'), 'That note has characters that cannot be kept.');
});

test('counts line breaks as the browser does: once', () => {
  assert.ok(parseNote('a\r\n'.repeat(MAX_NOTE_LENGTH / 2)).ok);
});

test('goes on to a page of this site', () => {
  for (const path of ['/', '/notes', '/notes?sort=old', '/account/sessions']) {
    assert.equal(parseNextPath(path, '/home'), path);
  }
});

test('goes on to no other site, however it is written (CWE-601)', () => {
  for (const text of [
    '',
    'notes',
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2e//evil.example',
    'javascript:alert(1)',
    ' /notes',
    '/notes\r\nSet-Cookie: a=b',
    `/${'a'.repeat(600)}`,
  ]) {
    assert.equal(parseNextPath(text, '/home'), '/home', JSON.stringify(text));
  }
});

test('never leaves the site, whatever is sent', () => {
  const hostile = fc.array(
    fc.constantFrom('/', '\\', '.', '..', '%2e', '%2f', '\t', 'evil.example', '@', ':', '?', '#'),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(hostile, (parts) => {
      const next = parseNextPath(parts.join(''), '/home');
      return new URL(next, 'https://strongroom.example').origin === 'https://strongroom.example';
    }),
    { numRuns: 2000 },
  );
});
