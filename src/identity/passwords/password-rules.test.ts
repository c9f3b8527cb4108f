import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import { dictionary } from '@zxcvbn-ts/language-common';
import * as fc from 'fast-check';
import { COMMON_WORDS } from './common-passwords.ts';
import { checkPassword, MAX_PASSWORD_LENGTH, passwordLength } from './password-rules.ts';

const OWN_WORDS = ['Strongroom', 'files.example.com', 'alice.smith@example.com'];

/** What is wrong with a password, in codes. */
function problems(password: string, minimumLength = 15): readonly string[] {
  return checkPassword(password, { minimumLength, ownWords: OWN_WORDS }).map(({ code }) => code);
}

test('takes passphrases, random text and any script', () => {
  for (const password of [
    'kitchen lamp seven rivers',
    'my dog eats 3 bananas',
    'h8Jq-2kLz-9wQx-Vb4t',
    'nur kurz noch zum Bäcker',
    '東京の朝ごはんは納豆と味噌汁です',
    'жили у бабуси два гуся',
    '🦊🌋🪑🧭🎻🥝🪴🧲🛶🪁🧿🦑🎲🧵🪓',
    'zmxkq vbwpt lrnfh',
  ]) {
    assert.deepEqual(problems(password), [], password);
  }
});

test('v5.0.0-6.2.1 wants 15 characters alone and 8 beside a second factor', () => {
  assert.deepEqual(problems('vq7 mzt wk2 bx'), ['too-short']);
  assert.deepEqual(problems('vq7 mzt wk2 bxr'), []);
  assert.deepEqual(problems('vq7mztw', 8), ['too-short']);
  assert.deepEqual(problems('vq7mztwk', 8), []);
  assert.deepEqual(problems(''), ['too-short']);
});

test('v5.0.0-6.2.9 takes 256 characters, counted as people count them', () => {
  const long = 'zmxkqvbwptlrnfhg '.repeat(15);
  assert.deepEqual(problems(`${long}x`.slice(0, MAX_PASSWORD_LENGTH)), []);
  assert.deepEqual(problems('🦊🌋🪑🧭🎻🥝🪴🧲'.repeat(32)), []);
  assert.deepEqual(problems('🦊🌋🪑🧭🎻🥝🪴🧲'.repeat(32).concat('x')), ['too-long']);
  assert.deepEqual(problems('e\u0301'.repeat(257)), ['too-long']);
  assert.ok(!problems('e\u0301'.repeat(256)).includes('too-long'));
  assert.deepEqual(problems('x'.repeat(10_000_000)), ['too-long']);
});

test('v5.0.0-6.2.5 has no rules of composition', () => {
  for (const password of ['zmxkqvbwptlrnfh', 'ZMXKQVBWPTLRNFH', '480269175302846', '%^~}|{][<>?/*&=']) {
    assert.deepEqual(problems(password), [], password);
  }
});

test('refuses what is made of words that everybody uses, however long and however masked', () => {
  for (const password of [
    'Password1234567!',
    'passwordpassword1',
    'P@ssw0rd-P@ssw0rd!',
    'the quick brown fox',
    'letmeinletmeinpls',
    'welcome2024!abc',
    'iloveyouiloveyou1',
    'Qwerty Dragon 2024',
    'wednesday september 2024',
    '\uFF50assword \uFF50assword x',
  ]) {
    assert.equal(problems(password).length, 1, password);
  }
});

test('v5.0.0-6.2.11 refuses what is made of the names of the service or the account', () => {
  assert.deepEqual(problems('strongroom2026!!!'), ['own-words']);
  assert.deepEqual(problems('alice.smith@example.com'), ['own-words']);
  assert.deepEqual(problems('Alice@Strongroom'), ['own-words']);
  assert.deepEqual(problems('AliceSmith-Strongroom'), ['own-words']);
});

test("v5.0.0-6.2.11 a password of nothing but the account's own words, however joined, is never taken", () => {
  const word = fc.stringMatching(/^[a-z]{3,12}$/);
  const joiner = fc.constantFrom('', ' ', '.', '-', '_');
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
      joiner,
      fc.boolean(),
      (words, between, shout) => {
        const plain = words.join(between);
        const password = shout ? plain.toUpperCase() : plain;
        const found = checkPassword(password, { minimumLength: 1, ownWords: words });
        assert.equal(found.length, 1, password);
      },
    ),
    { seed: 5 },
  );
});

test('v5.0.0-6.2.1 counts what people see as one character as one, on every keyboard', () => {
  const letter = fc.constantFrom('e\u0301', '\u00E9', '\u6771', '\uD83E\uDD8A', 'a');
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 300 }), (letters) => {
      assert.equal(passwordLength(letters.join('')), letters.length);
    }),
  );
});

test('refuses runs, sequences, years and walks over the keyboard', () => {
  assert.deepEqual(problems('aaaaaaaaaaaaaaaaaaaa'), ['repeated']);
  assert.deepEqual(problems('111111222222333333'), ['repeated']);
  assert.deepEqual(problems('abcabcabcabcabcabc'), ['repeated']);
  assert.deepEqual(problems('xk7!xk7!xk7!xk7!xk'), ['repeated']);
  assert.deepEqual(problems('abcdefghijklmnop'), ['sequence']);
  assert.deepEqual(problems('9876543210987654'), ['sequence']);
  assert.deepEqual(problems('1984 1985 1986', 8), ['sequence']);
  assert.deepEqual(problems('qwertyuiopasdfgh'), ['keyboard']);
  assert.deepEqual(problems('1qaz2wsx3edc4rfv'), ['keyboard']);
  assert.deepEqual(problems('mnbvcxzlkjhgfdsa'), ['keyboard']);
  assert.deepEqual(problems('azertyuiopqsdfgh'), ['keyboard']);
});

test('refuses short ones the same way where 8 are enough', () => {
  for (const password of [
    'password',
    'dragon77',
    'qwer1234',
    'monday12',
    '19841984',
    'abcd1234',
    'aaaaaaaa',
  ]) {
    assert.equal(problems(password, 8).length, 1, password);
  }
});

test('v5.0.0-6.2.4 refuses the most used passwords of a published list, each that is long enough, in any case', () => {
  const most = dictionary['passwords-common'].filter((word) => word.length >= 8);
  assert.ok(most.length > 17_000);
  assert.deepEqual(
    most.filter((word) => problems(word, 8).length === 0),
    [],
  );
  // No piece of these is a word that everybody uses: only the list has them.
  for (const word of ['oriflame', 'Taekwondo', 'INTERRUPT', 'taek wondo']) {
    assert.deepEqual(problems(word, 8), ['common'], word);
  }
});

test('takes a good password for a common one so rarely that nobody meets it', () => {
  const good = Array.from({ length: 20_000 }, (_, index) =>
    hash('sha1', `good ${index}`, 'hex').slice(0, 12),
  );
  const refused = good.filter((word) => problems(word, 8).includes('common'));
  assert.ok(refused.length < 12, `${refused.length} of ${good.length}`);
});

test('lets a predictable piece stand where enough is beside it', () => {
  assert.deepEqual(problems('password vq7mztwkbx'), []);
  assert.deepEqual(problems('vq7mztwkbx12345'), []);
});

test('refuses half a character', () => {
  assert.deepEqual(problems('zmxkqvbwptlrnfh\uD83E'), ['malformed']);
});

test('every reason is a sentence, and none holds a part of the password', () => {
  for (const password of [
    'hunter2hunter2',
    'strongroom',
    '\uD83E',
    'zmxkq'.repeat(100),
    'qwertyuiop',
    '12345678',
    'aaaa',
  ]) {
    for (const { message } of checkPassword(password, { minimumLength: 15, ownWords: OWN_WORDS })) {
      assert.match(message, /^[A-Z].*\.$/);
      assert.ok(!message.includes(password));
    }
  }
});

test('every common word is in the form it is compared in', () => {
  assert.ok(COMMON_WORDS.size > 400);
  for (const word of COMMON_WORDS) assert.match(word, /^[a-z0-9]{4,}$/);
});

test('random text of twenty letters and digits is taken', () => {
  const random = fc.array(fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz0123456789')), {
    minLength: 20,
    maxLength: 20,
  });
  fc.assert(
    fc.property(random, (letters) => {
      // Drawing few different letters is rare, and such a text is no random one.
      fc.pre(new Set(letters).size >= 12);
      assert.deepEqual(problems(letters.join('')), []);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('answers for any text, at once', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.array(fc.string()),
      (password, ownWords) => {
        for (const { code } of checkPassword(password, { minimumLength: 8, ownWords }))
          assert.equal(typeof code, 'string');
      },
    ),
  );
  const started = performance.now();
  problems('\uFDFA'.repeat(256));
  const endless = 'x \uFDFA'.repeat(100_000);
  const ownWords = Array.from({ length: 1000 }, () => endless);
  checkPassword('kitchen lamp seven rivers', { minimumLength: 8, ownWords });
  problems('1q'.repeat(128));
  assert.ok(performance.now() - started < HANG_MS);
});
