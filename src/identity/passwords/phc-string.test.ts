import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import * as fc from 'fast-check';
import { formatArgon2, MAX_MEMORY_KIB, MAX_PARALLELISM, MAX_PASSES, parseArgon2 } from './phc-string.ts';

const GOOD =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

test('reads back what it writes', () => {
  const hash = fc.record(
    {
      memory: fc.integer({ min: 8 * MAX_PARALLELISM, max: MAX_MEMORY_KIB }),
      passes: fc.integer({ min: 1, max: MAX_PASSES }),
      parallelism: fc.integer({ min: 1, max: MAX_PARALLELISM }),
      salt: fc.uint8Array({ minLength: 8, maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
      tag: fc.uint8Array({ minLength: 16, maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
      keyId: fc.stringMatching(/^[A-Za-z0-9+/]{11}$/),
    },
    { noNullPrototype: true, requiredKeys: ['memory', 'passes', 'parallelism', 'salt', 'tag'] },
  );
  fc.assert(
    fc.property(hash, (given) => {
      assert.deepEqual(parseArgon2(formatArgon2(given)), given);
    }),
  );
});

test('refuses a hash that asks for more than this machine gives', () => {
  assert.ok(parseArgon2(GOOD) !== undefined);
  for (const cost of [
    'm=4194304,t=2,p=1',
    'm=19456,t=4294967295,p=1',
    'm=19456,t=17,p=1',
    'm=19456,t=2,p=17',
    'm=8,t=1,p=2',
  ]) {
    assert.equal(parseArgon2(GOOD.replace('m=19456,t=2,p=1', cost)), undefined, cost);
  }
});

test('refuses every other spelling of a hash', () => {
  for (const text of [
    '',
    `${GOOD}=`,
    `${GOOD}\n`,
    ` ${GOOD}`,
    GOOD.replace('argon2id', 'argon2i'),
    GOOD.replace('argon2id', 'argon2ID'),
    GOOD.replace('v=19', 'v=16'),
    GOOD.replace('$v=19', ''),
    GOOD.replace('m=19456', 'm=019456'),
    GOOD.replace('m=19456', 'm=-19456'),
    GOOD.replace('t=2', 't=0'),
    GOOD.replace('m=19456,t=2', 't=2,m=19456'),
    GOOD.replace('p=1', 'p=1,keyid='),
    GOOD.replace('p=1', 'p=1,keyid=AAAAAAAAAAAA'),
    GOOD.replace('p=1', 'p=1,data=AAAAAAAAAAA'),
    // The last character of a tag of 32 bytes has two bits that must be 0.
    `${GOOD.slice(0, -1)}B`,
    '$2b$12$KIXQwq8mG0aW4yYb0xvJ5eL0yq3c2V9S8sY0Q5v2mZcB1s1uD7y6W',
    'pbkdf2:sha256:600000$salt$abcdef',
    'plain text',
  ]) {
    assert.equal(parseArgon2(text), undefined, text);
  }
});

test('answers whatever the text is, at once', () => {
  const like = fc.stringMatching(/^\$argon2id\$v=19\$m=\d{0,9},t=\d{0,9},p=\d{0,9}\$[\w+/$=]{0,90}$/);
  fc.assert(
    fc.property(fc.oneof(like, fc.string()), (text) => {
      const hash = parseArgon2(text);
      if (hash !== undefined) assert.equal(formatArgon2(hash), text);
    }),
  );
  const started = performance.now();
  parseArgon2(`$argon2id$v=19$m=1,t=1,p=1$${'A'.repeat(1_000_000)}`);
  assert.ok(performance.now() - started < HANG_MS);
});
