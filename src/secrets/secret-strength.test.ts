import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { HANG_MS } from '../../test/support/hang.ts';
import * as fc from 'fast-check';
import { contentBytes, estimateBits, weaknessOf } from './secret-strength.ts';

const GOOD = 'Vn5q0x3K8yQmZb1RfT7uJw2LhC9sXpDeGaYiN4oU6kE=';
const ENCODINGS = ['hex', 'base64', 'base64url'] as const;

function check(secret: string, expected: RegExp): void {
  assert.match(weaknessOf(secret) ?? 'accepted', expected);
}

test('accepts 10,000 random secrets of 32 bytes in each usual encoding', () => {
  for (const encoding of ENCODINGS) {
    for (let run = 0; run < 10_000; run += 1) {
      const secret = randomBytes(32).toString(encoding);
      assert.equal(weaknessOf(secret), undefined, secret);
    }
  }
});

test('accepts random bytes of any length from 32 on, however they are drawn', () => {
  fc.assert(
    fc.property(fc.integer({ min: 32, max: 200 }), fc.constantFrom(...ENCODINGS), (bytes, encoding) => {
      assert.equal(weaknessOf(randomBytes(bytes).toString(encoding)), undefined);
    }),
    { numRuns: 10_000 },
  );
});

test('accepts 32 random characters of a password manager, punctuation included', () => {
  check('k#9V!x2@Lq7$Zp&4Wm*8Rt^1Yb(6Nc)0', /^accepted$/);
});

test('v5.0.0-11.2.3 (in part) refuses less than 32 bytes in the reading that gives least', () => {
  check('', /empty/);
  check('   ', /empty/);
  check(randomBytes(16).toString('hex'), /at most 16 bytes/);
  check(randomBytes(24).toString('base64'), /at most 24 bytes/);
  check(randomBytes(31).toString('base64url'), /at most 31 bytes/);
  check('k#9V!x2@Lq7$Zp&4Wm*8Rt^1Yb(6Nc)', /at most 31 bytes/);
});

test('counts bytes the same with and without padding', () => {
  assert.equal(contentBytes(GOOD), 32);
  assert.equal(contentBytes(GOOD.replace('=', '')), 32);
  assert.equal(contentBytes('00'.repeat(32)), 32);
});

test('refuses placeholders, as a part too, in any case and with any separators', () => {
  for (const secret of [
    'change-me',
    'CHANGEME',
    'Change_Me!',
    'secret',
    'SECRET',
    'test',
    'dev',
    'dev123',
    'undefined',
    '[object Object]',
    'your-secret-here',
    'my-secret-change-me-please-0000',
    'C.H.A.N.G.E.M.E.0123456789.9876543210.ab',
    `CHANGEME${randomBytes(32).toString('base64')}`,
    `${randomBytes(32).toString('base64')}-replace-this`,
    `django-insecure-${randomBytes(40).toString('base64')}`,
    'super_secret_key_for_my_production_application_2024',
    'generate-a-random-string-of-at-least-32-characters',
    'replace-me-with-the-output-of-openssl-rand-base64-32',
  ]) {
    check(secret, /placeholder|published/);
  }
});

test('refuses the command that makes a secret, pasted where no shell runs it', () => {
  check('$(openssl rand -base64 32)', /placeholder/);
  check(`node -p "crypto.randomBytes(32).toString('base64')"`, /placeholder/);
});

test('refuses examples of well-known manuals', () => {
  for (const secret of [
    '192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf',
    '192B9BDD22AB9ED4D12E236C78AFCB9A393EC15F71BBF5DC987D54727823BCBF',
    '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
    'averylogphrasebiggerthanthirtytwochars',
    'a secret with minimum length of 32 characters',
    'complex_password_at_least_32_characters_long',
    'better-auth-secret-12345678901234567890',
    'keyboard cat',
  ]) {
    check(secret, /published/);
  }
});

test('refuses few characters, repetition, rows and prose', () => {
  for (const secret of [
    'x'.repeat(64),
    'xxxx-xxxx-xxxx-xxxx-xxxx-xxxx-xxxx-xxxx-xxxx',
    '01'.repeat(64),
    'deadbeef'.repeat(8),
    '0123456789abcdef'.repeat(4),
    'fedcba9876543210'.repeat(4),
    randomBytes(6).toString('base64').repeat(8),
    'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
    'qwertyuiopasdfghjklzxcvbnm1234567890poiuytrewq',
    'to be or not to be that is the question whether tis nobler',
    'We-The-People-Of-The-United-States-In-Order-To-Form',
    'acme-corporation-production-cookie-signing-2024-munich',
    'OURCOMPANYISTHEBESTCOMPANYINTHEWHOLEOFMUNICH',
  ]) {
    check(secret, /different characters|cannot be guessed/);
  }
});

test('refuses a file given by mistake', () => {
  check(`-----BEGIN KEY-----\n${GOOD}\n`, /line breaks/);
  check(`${GOOD}\u0000`, /control characters/);
  check(GOOD.repeat(100), /longer than 4096 bytes/);
});

test('estimates from below: never more bits than a random text of its kind has', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      const bits = estimateBits(text);
      assert.ok(bits >= 0 && bits <= text.length * 16);
    }),
  );
  assert.ok(estimateBits(randomBytes(32).toString('hex')) <= 256);
});

test('says nothing of a secret that could be part of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), (text) => {
      const message = weaknessOf(`Zq${text}Zq`) ?? '';
      assert.ok(!message.includes('Zq'));
    }),
  );
});

test('takes linear time for the longest secret it reads', () => {
  const started = performance.now();
  for (const secret of [
    'a'.repeat(4096),
    'ab'.repeat(2048),
    randomBytes(3000).toString('base64'),
    'a-'.repeat(2048),
  ]) {
    weaknessOf(secret);
  }
  assert.ok(performance.now() - started < HANG_MS);
});
