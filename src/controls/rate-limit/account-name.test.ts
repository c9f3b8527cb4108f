import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import * as fc from 'fast-check';
import { growth, LINEAR_AT_MOST, repeated } from '../../../test/support/growth.ts';
import { foldAccountName, readAccountName } from './account-name.ts';

/** The account a form names under `email`. */
function form(body: string): string | undefined {
  return readAccountName(Buffer.from(body), 'form', 'email');
}

/** The account a JSON body names under `email`. */
function json(body: string): string | undefined {
  return readAccountName(Buffer.from(body), 'json', 'email');
}

test('reads the field of a form and of a JSON body', () => {
  assert.equal(form('email=alice%40example.com&password=x'), 'alice@example.com');
  assert.equal(json('{"password":"x","email":"alice@example.com"}'), 'alice@example.com');
});

test('reads a name of a JSON body that is written in escapes, and none beside a name that V8 may take for another', () => {
  assert.equal(json('{"x":1,"\\u0065mail":"alice@example.com"}'), 'alice@example.com');
  assert.equal(json('{"x\\n":1,"email":"alice@example.com"}'), undefined);
});

test('counts the spellings of one account as one', () => {
  for (const spelling of [
    'ALICE@example.com',
    ' alice@example.com\t',
    'alice\uFF20example.com',
    'Alice@EXAMPLE.com',
    'alice@ex\u00adample.com',
    'ali\u200bce@exam\u2060ple.com',
    'alice@example\u3002com',
  ]) {
    assert.equal(form(`email=${encodeURIComponent(spelling)}`), 'alice@example.com');
    assert.equal(json(JSON.stringify({ email: spelling })), 'alice@example.com');
  }
});

// pantheon-systems/wp-saml-auth#495, antiwork/gumroad#6522, jazzband/django-defender#248: MySQL's default collations find
// one account by all of these.
test('counts as one what a database compares as one: without marks, case, controls', () => {
  const spellings: Readonly<Record<string, readonly string[]>> = {
    'zoe@example.com': [
      'zo\u00e9@example.com',
      'ZO\u00c8@example.com',
      'zoe\u0323\u0302@\u00e9xample.com',
      'z\u00f8e@example.com',
      'z\u0000oe@example.com\u0001',
      'zoe@e\u0085xample.com',
    ],
    'strasse@example.com': [
      'stra\u00dfe@example.com',
      'STRA\u1e9eE@example.com',
      'strasse@xn--xample-9ua.com',
    ],
    'lukasz@example.com': ['\u0142ukasz@example.com', '\u0141UKASZ@example.com'],
    'iris@example.com': ['\u0130ris@example.com', '\u0131ris@example.com'],
    '\u03bd\u03b9\u03ba\u03bf\u03c3': ['\u039d\u0399\u039a\u039f\u03a3', '\u03bd\u03af\u03ba\u03bf\u03c2'],
    '\u304b': ['\u304c'],
  };
  for (const [name, others] of Object.entries(spellings))
    for (const spelling of others) assert.equal(foldAccountName(spelling), foldAccountName(name), spelling);
  assert.notEqual(foldAccountName('zoe@example.com'), foldAccountName('zo@example.com'));
  assert.notEqual(foldAccountName('\u0915\u093f'), foldAccountName('\u0915\u093e'), 'vowels are no marks');
});

test('counts a domain in Unicode and in the form of the DNS as one', () => {
  assert.equal(foldAccountName('anna@b\u00fccher.example'), foldAccountName('ANNA@xn--bcher-kva.example'));
});

test('counts a letter that Unicode does not take apart as the one that collations compare it with', () => {
  const letters: Readonly<Record<string, string>> = {
    '\u00e6': 'ae',
    '\u00f0': 'd',
    '\u00f8': 'o',
    '\u0111': 'd',
    '\u0127': 'h',
    '\u0142': 'l',
    '\u0153': 'oe',
    '\u03c2': '\u03c3',
  };
  for (const [letter, plain] of Object.entries(letters))
    assert.equal(foldAccountName(`a${letter}b${letter}`), `a${plain}b${plain}`, letter);
});

test('reads no name without an @ as a domain', () => {
  assert.equal(foldAccountName('xn--bcher-kva'), 'xn--bcher-kva');
});

test('folding is idempotent, and no place to put an ignorable character makes another account', () => {
  const name = fc.tuple(
    fc.emailAddress(),
    fc.nat(),
    fc.constantFrom('\u00ad', '\u200b', '\u2060', '\ufe0f', '\u034f'),
  );
  fc.assert(
    fc.property(name, ([address, at, hidden]) => {
      const cut = at % (address.length + 1);
      const alias = `${address.slice(0, cut)}${hidden}${address.slice(cut)}`;
      assert.equal(foldAccountName(alias), foldAccountName(address));
      assert.equal(foldAccountName(foldAccountName(address)), foldAccountName(address));
    }),
  );
});

test('v5.0.0-15.3.7 refuses a form that names the account other than exactly once', () => {
  assert.equal(form(''), undefined);
  assert.equal(form('mail=a'), undefined);
  assert.equal(form('email=a&email=b'), undefined);
});

test('refuses a form in which a looser parser would find another account', () => {
  for (const second of [
    'email[]=b',
    'email[0]=b',
    'Email=b',
    '+email=b',
    'email%00x=b',
    'email%20=b',
    'e%6Dail=b',
  ]) {
    assert.equal(form(`email=a&${second}`), undefined, second);
    assert.equal(form(`${second}&email=a`), undefined, second);
  }
  assert.equal(form('x=1;email=b&email=a'), undefined);
  assert.equal(form('email[]=a'), undefined);
  assert.equal(readAccountName(Buffer.from('user_name=a&user.name=b'), 'form', 'user_name'), undefined);
});

test('lets other fields hold what they like', () => {
  assert.equal(form('email=a&password=x;y&emails=b&note=email'), 'a');
  assert.equal(json('{"email":"a","n":{"email":"b"},"list":[1,{"email":"c"}],"t":"email"}'), 'a');
});

test('refuses a JSON body that names the account twice: parsers disagree on which of them counts', () => {
  for (const body of [
    '{"email":"a","email":"b"}',
    '{"email":"a","\\u0065mail":"b"}',
    '{"email":"a","Email":"b"}',
    '{"x":"\\"","email":"a","y":[{},","],"email":"b"}',
  ]) {
    assert.equal(json(body), undefined, body);
  }
});

test('refuses a JSON body that names no text', () => {
  for (const body of [
    '{"email":1}',
    '{"email":["a"]}',
    '{"email":null}',
    '{"email":{"$ne":1}}',
    '{}',
    '[]',
    '"email"',
  ]) {
    assert.equal(json(body), undefined, body);
  }
  for (const body of ['', '{', 'null', '{"email":"a"', '\uFEFF{"email":"a"}'])
    assert.equal(json(body), undefined, body);
  assert.equal(json('{"__proto__":{"email":"a"}}'), undefined);
  assert.equal(readAccountName(Buffer.from('{"__proto__":{"x":1}}'), 'json', '__proto__'), undefined);
});

test('refuses names of more than 320 characters and bodies that are not UTF-8', () => {
  assert.equal(form(`email=${'a'.repeat(320)}`)?.length, 320);
  assert.equal(form(`email=${'a'.repeat(321)}`), undefined);
  assert.equal(
    readAccountName(Buffer.from([0x65, 0x6d, 0x61, 0x69, 0x6c, 0x3d, 0xff]), 'form', 'email'),
    undefined,
  );
});

test('v5.0.0-1.5.3 (in part) finds in any JSON object what JSON.parse finds, or refuses it', () => {
  const object = fc.dictionary(fc.oneof(fc.constant('email'), fc.string()), fc.jsonValue());
  fc.assert(
    fc.property(object, fc.string({ maxLength: 100 }), (rest, name) => {
      const only = Object.fromEntries(Object.entries(rest).filter(([key]) => !/^[\s]*e/i.test(key)));
      const body = JSON.stringify({ ...only, email: name });
      // A name that needs an escape is refused.
      fc.pre(!/\\.(?:[^"\\]|\\.)*":/.test(body));
      assert.equal(json(body), foldAccountName(name), body);
    }),
  );
});

test('answers whatever the bytes are, and throws at none of them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('form', 'json'), (bytes, kind) => {
      const name = readAccountName(Buffer.from(bytes), kind, 'email');
      assert.ok(name === undefined || typeof name === 'string');
    }),
  );
});

test('reads a body of 64 KB of the worst kind in a moment', () => {
  const started = performance.now();
  form('a&'.repeat(32_000));
  form(`${'+'.repeat(64_000)}=1`);
  json(`{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`);
  json(`{${'"a":1,'.repeat(10_000)}"email":"x"}`);
  assert.ok(performance.now() - started < HANG_MS);
});

test('reads a body in a time that grows as the body does', () => {
  const bodies: Readonly<Record<string, readonly ['form' | 'json', (size: number) => string]>> = {
    fields: ['form', (size) => repeated('email[;a=b&', size)],
    'one name': ['form', (size) => repeated('.', size)],
    keys: ['json', (size) => `{${repeated('"email":1,', size - (size % 10))}"a":2}`],
    depth: ['json', (size) => `{"a":${'['.repeat(size / 8)}${']'.repeat(size / 8)}}`],
    escapes: ['json', (size) => `{"${repeated('\\\\', size - (size % 2))}":1,"email":2}`],
  };
  for (const [what, [kind, bodyOf]] of Object.entries(bodies)) {
    const read = (body: Buffer): unknown => readAccountName(body, kind, 'email');
    const ratio = growth((size) => Buffer.from(bodyOf(size)), read, 16 * 1024);
    assert.ok(ratio < LINEAR_AT_MOST, `${what} ${ratio}`);
  }
});
