/** What becomes of passwords whose hashes were made elsewhere, as they are signed in with for the first time. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeHash } from '../describe-hash.ts';
import { Passwords } from '../passwords.ts';
import { markFlaskSecurity } from './flask-security.ts';

interface Fixture {
  readonly format: string;
  readonly by: string;
  readonly password: string;
  readonly stored: string;
}

interface Vectors {
  readonly salt: string;
  readonly hashes: readonly Fixture[];
}

function vectors(name: string): Vectors {
  const file = new URL(`../../../../test/vectors/passwords/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Vectors;
}

const FLASK = vectors('flask-security');

/** A bcrypt of 90 letters by each library that keeps one. */
const LONG = [...vectors('debian-12').hashes, ...vectors('debian-13').hashes].filter(
  ({ format, password }) => ['bcrypt', 'django-bcrypt'].includes(format) && password.length > 72,
);

test('a typo behind the 72 bytes that bcrypt reads does not become the password', async () => {
  const passwords = new Passwords();
  assert.ok(LONG.length >= 2);
  for (const { stored, password, by } of LONG) {
    // bcrypt cannot tell: the person is let in, and what they typed is not what is stored from now on.
    const mistyped = `${password.slice(0, 72)}and a typo`;
    assert.deepEqual(await passwords.verify(stored, mistyped), { ok: true }, by);
    assert.deepEqual(await passwords.verify(stored, password), { ok: true }, by);
    assert.equal((await passwords.verify(stored, `x${password.slice(1)}`)).ok, false, by);
  }
});

test('72 bytes of characters that take several are counted as bytes', async () => {
  const stored = '{bcrypt}$2a$04$.DkmhvXZp7F2MJ1GY.97z.EbhmPN7WS/Iq65nANaWWSqB.nI355ay';
  const verdict = await new Passwords().verify(stored, 'caf\u00e9 cr\u00e8me');
  assert.match(verdict.rehash ?? '', /^\$argon2id\$/);
});

test('hashes of Flask-Security verify under the salt of its application, as its own users typed them', async () => {
  const passwords = Passwords.of({ flaskSecuritySalt: FLASK.salt });
  assert.equal(FLASK.hashes.length, 12);
  for (const { stored, password, by } of FLASK.hashes) {
    const marked = markFlaskSecurity(stored);
    assert.equal(describeHash(marked).format, 'flask-security', by);
    assert.equal(describeHash(marked).verifiable, true, by);
    // Composed or decomposed: Flask-Security takes the NFKD form of either.
    for (const typed of [password, password.normalize('NFD')])
      assert.match((await passwords.verify(marked, typed)).rehash ?? '', /^\$argon2id\$/, by);
    assert.equal((await passwords.verify(marked, `${password}!`)).ok, false, by);
    assert.equal((await passwords.verify(stored, password)).ok, false, `${by}, without the mark`);
  }
});

test('without the salt, or with that of another application, nobody is let in, and the log hears why', async () => {
  const marked = markFlaskSecurity(FLASK.hashes[0]?.stored ?? '');
  const password = FLASK.hashes[0]?.password ?? '';
  const without = await new Passwords().verify(marked, password);
  assert.deepEqual([without.ok, without.unreadable], [false, true]);
  assert.match(without.reason ?? '', /flaskSecuritySalt/);
  const other = Passwords.of({ flaskSecuritySalt: 'of another application' });
  assert.deepEqual(await other.verify(marked, password), { ok: false });
  assert.throws(() => Passwords.of({ flaskSecuritySalt: '' }), { code: 'ERR_BULWARK_POLICY' });
});

test('what Flask-Security took over from Django is not keyed, and gets no mark', () => {
  const django = 'pbkdf2_sha256$1000$salt$CKXixopJWaWa1l9JXEVgePRi7t5oAVX1oxKzSETebkg=';
  assert.equal(markFlaskSecurity(django), django);
});

test('PHC strings of PBKDF2 and bcrypt are read in each order of their parameters, and no others', () => {
  const [salt, tag] = ['c2FsdHNhbHRzYWx0c2FsdA', 'A'.repeat(43)];
  for (const good of ['i=1000', 'i=1000,l=32', 'l=32,i=1000']) {
    assert.equal(describeHash(`$pbkdf2-sha256$${good}$${salt}$${tag}`).format, 'phc-pbkdf2', good);
  }
  for (const bad of ['i=1000,l=20', 'l=32', 'i=0', 'i=-1', 'i=1000,i=1', '1000,l=32']) {
    assert.equal(describeHash(`$pbkdf2-sha256$${bad}$${salt}$${tag}`).format, 'unknown', bad);
  }
  assert.equal(describeHash(`$pbkdf2-sha256$i=9999999$${salt}$${tag}`).verifiable, false);
  assert.equal(describeHash(`$bcrypt$v=98$r=20$${'A'.repeat(22)}$${'A'.repeat(31)}`).verifiable, false);
});

test('a name in braces that is not known is no kind of hash, and clear text behind one is none to verify', async () => {
  const passwords = new Passwords();
  for (const stored of ['{noop}open sesame', '{PLAIN}open sesame', '{plain}open sesame', '{open sesame}']) {
    assert.equal((await passwords.verify(stored, 'open sesame')).ok, false, stored);
    assert.equal(describeHash(stored).verifiable, false, stored);
  }
  assert.equal(describeHash('{constructor}$2a$04$').format, 'unknown');
  assert.equal(describeHash('{BLF-CRYPT.B64}????').format, 'unknown');
});
