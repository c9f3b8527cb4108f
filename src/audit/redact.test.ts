import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growth, LINEAR_AT_MOST, repeated } from '../../test/support/growth.ts';
import * as fc from 'fast-check';
import { maskSecrets, Redactor } from './redact.ts';

const redactor = new Redactor(['IBAN', 'health-record']);

test('v5.0.0-16.2.5 hides values by the name they stand under, however it is written', () => {
  for (const name of [
    'password',
    'Password',
    'passwd',
    'pwd',
    'user_pass',
    'newPassword',
    'password_hash',
    'currentPasswordAgain',
    'secret',
    'clientSecret',
    'BULWARK_SECRET',
    'token',
    'accessToken',
    'refresh_token',
    'x-csrf-token',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'Set-Cookie',
    'apiKey',
    'x-api-key',
    'API_KEY',
    'session',
    'sessionId',
    'sid',
    'connect.sid',
    'otp',
    'totpCode',
    'OTPCode',
    'mfaCode',
    'MFA_CODE',
    'x-2fa-code',
    'verificationCode',
    'oneTimeCode',
    'userPIN',
    'loginOTP',
    'PINCode',
    'pin',
    'privateKey',
    'recoveryCodes',
    'jwt',
    'iban',
    'Iban',
    'healthRecord',
    'x'.repeat(300),
  ]) {
    assert.ok(redactor.hides(name), name);
  }
});

test('leaves facts about secrets, and words that only look like one', () => {
  for (const name of [
    'tokenCount',
    'token_type',
    'passwordChangedAt',
    'sessionRef',
    'cookieName',
    'passwordLength',
    'secretsMissing',
    'spinning',
    'author',
    'opinion',
    'side',
    'compass',
    'key',
    'account',
    'email',
    'reason',
    'customerIban',
    'statusCode',
    'errorCode',
    'countryCode',
    'code',
    'ERR_CODE',
    'userCount',
    'mfaCodeLength',
  ]) {
    assert.ok(!redactor.hides(name), name);
  }
});

test('gives the same answers after a flood of made-up names', () => {
  for (let index = 0; index < 5000; index += 1) redactor.hides(`name${index}`);
  assert.ok(redactor.hides('password'));
  assert.ok(!redactor.hides('account'));
});

/** The secret must be gone, what surrounds it must be there. */
function check(text: string, secret: string, rest: string): void {
  const masked = maskSecrets(text);
  assert.ok(!masked.includes(secret), masked);
  assert.ok(masked.includes('[redacted]') && masked.includes(rest), masked);
}

test('masks secrets in a text by their shape, and leaves what surrounds them', () => {
  check('sent Authorization: Bearer abc.DEF-123_456 to a', 'DEF-123', 'to a');
  check('authorization: basic YWRhOmh1bnRlcjI=', 'YWRhOmh1', 'authorization');
  check('got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl!', 'eyJzdWIi', 'got');
  check('got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx', 'eyJzdWIi', 'got');
  check('a=1; __Host-session=Zm9vYmFyYmF6cXV4; b=2', 'Zm9vYmFy', 'b=2');
  check(
    'connect to postgresql://user:hunter2@localhost:5432/app',
    'hunter2',
    'user:[redacted]@localhost:5432/app',
  );
  check('redis://:p/w@rd@cache', 'p/w@rd', '@cache');
  check('/reset?token=abcdef&next=/', 'abcdef', 'next=/');
  check('email=a%40b&password=hunter2&x=1', 'hunter2', 'x=1');
  check('{"email":"a","password": "hunter 2"}', 'hunter 2', '"email":"a"');
  check('leaked strongroom_0123456789ABCDEFGHIJKLMNOPQRSTUV_1utr9V here', 'ABCDEF', 'leaked strongroom_');
  check('key ghp_0123456789abcdefghijABCDEFGHIJ012345', '0123456789', 'key');
  check(
    '-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4\n\nMHcCAQEE\n-----END EC PRIVATE KEY-----\nend',
    'MHcCAQ',
    'end',
  );
  check('x -----BEGIN PRIVATE KEY-----\nMHcCAQEE', 'MHcCAQ', 'x ');
});

test('masks what stands behind the name of a secret and a colon, quoted or not', () => {
  for (const before of [
    'password: ',
    'Password:',
    'password = ',
    'PASSWORD => ',
    "'password' => '",
    "{'password': '",
    '{"pin": ',
    '{"password":"',
    'data {\\"password\\":\\"',
    'password="',
    "passwd: '",
    'pass: ',
    'pin:',
    'OTP: ',
    'otp code: ',
    'mfaCode: ',
    'verification code: ',
    'api key: ',
    'clientSecret: ',
    'db_password: ',
    'X-Api-Key: ',
    'Authorization: ',
    '"authorization":"',
  ]) {
    check(`at ${before}hunter2-4711`, 'hunter2', before);
    if (!/["']$/.test(before)) check(`at ${before}hunter2-4711\nand more`, 'hunter2', '\nand more');
  }
  for (const [text, secret] of [
    ['{"password":"it\'s \\"mine\\" now","next":1}', 'now'],
    ["{'password': 'say \"x y\" z', 'next':1}", 'z'],
    ['password="two words"; next', 'words'],
    ['password: "cut off in the mid', 'mid'],
    ['redis://user:s3cret.cut', 's3cret'],
    ['Authorization: Token s3cret', 's3cret'],
    ['Cookie: theme=dark; id=s3cret', 's3cret'],
    ['Set-Cookie: id=s3cret', 's3cret'],
  ] as const)
    check(`at ${text}`, secret, 'at ');
});

test('leaves texts without secrets as they are', () => {
  for (const text of [
    '',
    'the token is not for this session',
    'the password is too short',
    'session: ended, csrf: refused',
    'https://files.example.com:8443/a/b?page=2',
    'http://[::1]:8080/ and http://localhost:3000',
    'a compass: north, a bypass: none, spinning: fast',
    'a code: 7, status code: 500',
    'Mozilla/5.0 (X11; Linux x86_64)',
    '2026-01-01T00:00:00.000Z',
    '2001:db8::1',
    'a_name_of_a_table_that_is_as_long_as_a_token',
  ]) {
    assert.equal(maskSecrets(text), text);
  }
});

// Each begins what a shape looks for, again and again, and never ends it.
const UNITS = [
  '-eyJ', 'eyJaaaaaaaa', 'eyJ', '://a:', '://', '://a', '__Host-', '__Host-a=', 'token', 'otp', 'password=', 'pass: ',
  'password":', 'token  ', 'bearer ', 'bearer', 'bearer\t\t', '":"', 'cookie: ', 'authorization: ', 'authorization: a ',
  '-----BEGIN PRIVATE KEY-----', '-----BEGIN ', '-----BEGIN A ', '-----END ', 'password="\\"', 'password=\'', 'api key',
  'sk_live_', 'ghp_', 'ghp_a', 'AKIA', 'AIza', 'npm_a', 'glpat-', 'xoxb-', '_a', 'a_0123456789', 'aaaa', ' ', '\\', '"',
]; // prettier-ignore

for (const unit of UNITS) {
  test(`masks ${JSON.stringify(unit)} again and again in a time that grows as the text does`, () => {
    // Every shape is looked for where there is a quote.
    const ratio = growth((size) => `"${repeated(unit, size)}`, maskSecrets, 4 * 1024);
    assert.ok(ratio < LINEAR_AT_MOST, `${ratio}`);
  });
}

test('finds the end of what began in a time that grows as the text does', () => {
  for (const [start, unit] of [
    ['-----BEGIN PRIVATE KEY-----', '-----END '],
    ['-----BEGIN PRIVATE KEY-----', '-----END A '],
    ['password="', '\\"'],
    ['://a:', '@'],
    ['cookie: a=', '; '],
  ] as const) {
    const ratio = growth((size) => start + repeated(unit, size), maskSecrets, 4 * 1024);
    assert.ok(ratio < LINEAR_AT_MOST, `${start} ${ratio}`);
  }
});

test('judges a name of one letter again and again in a time that grows as the name does', () => {
  for (const unit of ['a', 'A', 'aA', 'token', 'otp_', 'tokens', '_']) {
    const judge = (name: string): boolean => new Redactor().hides(name);
    const ratio = growth((size) => repeated(unit, size), judge, 50);
    assert.ok(ratio < LINEAR_AT_MOST, `${unit} ${ratio}`);
  }
});

test('never throws, and masks the same text the same way again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      assert.equal(maskSecrets(text), maskSecrets(text));
    }),
  );
});
