import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityFrom } from './claims.ts';

test('reads who it is, and what the provider believes of them', () => {
  const claims = { sub: '1234', email: 'ann@example.com', email_verified: true, name: 'Ann Example' };
  assert.deepEqual(identityFrom(claims), {
    subject: '1234',
    email: 'ann@example.com',
    emailVerified: true,
    name: 'Ann Example',
    provedAt: undefined,
  });
  assert.deepEqual(identityFrom({ sub: '1234' }), {
    subject: '1234',
    email: undefined,
    emailVerified: false,
    name: undefined,
    provedAt: undefined,
  });
});

test('reads when they proved it, in seconds, and nothing that only looks like it', () => {
  const provedAt = (auth_time: unknown): unknown => identityFrom({ sub: '1234', auth_time })?.provedAt;
  assert.equal(provedAt(1_700_000_000), 1_700_000_000_000);
  assert.equal(provedAt(1_700_000_000.1234567), 1_700_000_000_123);
  for (const wrong of ['1700000000', -1, Number.POSITIVE_INFINITY, Number.NaN, 1e300, null, true, [1]])
    assert.equal(provedAt(wrong), undefined, String(wrong));
});

test('a subject is 1 to 255 ASCII characters of text', () => {
  for (const sub of ['', 'a'.repeat(256), 'a\n', 'a\u{e4}', 7, null, undefined, ['a']]) {
    assert.equal(identityFrom({ sub }), undefined);
  }
  assert.equal(identityFrom({ sub: 'a'.repeat(255) })?.subject.length, 255);
});

test('an address is verified where the provider says true, in one place with the address', () => {
  const verified = (claims: object, userInfo?: object): boolean | undefined =>
    identityFrom({ sub: 'a', ...claims }, userInfo === undefined ? undefined : { ...userInfo })
      ?.emailVerified;
  const email = 'ann@example.com';
  assert.equal(verified({ email, email_verified: true }), true);
  assert.equal(verified({ email, email_verified: 'true' }), true);
  for (const value of [1, 'yes', 'TRUE', {}, [true], null, undefined]) {
    assert.equal(verified({ email, email_verified: value }), false);
  }
  assert.equal(verified({ email_verified: true }), false);
  assert.equal(verified({ email_verified: true }, { email }), false);
  assert.equal(verified({ email }, { email, email_verified: true }), false);
  assert.equal(verified({}, { email, email_verified: true }), true);
});

test('what is no address is none', () => {
  for (const email of [
    'ann',
    'a@b@c',
    'a b@example.com',
    'a@example.com\r\nBcc: x',
    '@',
    '',
    7,
    ['a@b.c'],
    'a\u{202e}@b.c',
    `${'a'.repeat(65)}@b.c`,
  ]) {
    assert.equal(identityFrom({ sub: 'a', email, email_verified: true })?.email, undefined);
  }
});

test('a name is cleaned of what would change the text around it, and bounded by characters', () => {
  const named = (name: unknown): string | undefined => identityFrom({ sub: 'a', name })?.name;
  assert.equal(named('  Ann\u{202e}\u{0}\n Example '), 'Ann Example');
  assert.equal(named(' \u{200b} '), undefined);
  assert.equal(named(7), undefined);
  assert.equal(named('\u{1f600}'.repeat(200)), '\u{1f600}'.repeat(100));
  assert.equal(identityFrom({ sub: 'a' }, { name: 'Ann' })?.name, 'Ann');
});
