import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { apiTokenPattern, hashToken, hintOf, isToken, newToken } from './token-text.ts';

test('makes tokens of 190 random bits, never one twice', () => {
  const tokens = Array.from({ length: 1000 }, () => newToken('bwk'));
  assert.equal(new Set(tokens).size, tokens.length);
  for (const token of tokens) assert.match(token, /^bwk_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/);
  assert.ok(32 * Math.log2(62) >= 190);
  const seen = new Set(tokens.flatMap((token) => token.slice(4, 36).split('')));
  assert.equal(seen.size, 62, 'of the whole alphabet');
});

test('takes a token of its own prefix only', () => {
  for (const prefix of ['bwk', 'strongroom', 'a1']) assert.ok(isToken(newToken(prefix), prefix));
  assert.ok(!isToken(newToken('bwk'), 'abc'));
  assert.ok(!isToken(newToken('bwk'), 'bw'));
  assert.ok(!isToken(newToken('bwk').replace('bwk', 'abc'), 'abc'), 'the checksum is of the prefix too');
});

test('has the checksum that anyone can compute: CRC32 of what stands before it, in base 62', () => {
  // By Python's zlib.crc32, digits before capitals before small letters.
  assert.ok(isToken('bwk_00000000000000000000000000000000_2iZvP0', 'bwk'));
  assert.ok(isToken('bwk_0123456789ABCDEFGHIJKLMNOPQRSTUV_1utr9V', 'bwk'));
});

test('tells a mistyped token: any one character changed, dropped, added, or two swapped', () => {
  const position = fc.nat({ max: 42 });
  const letter = fc.constantFrom(...'0123456789ABCXYZabcxyz_-~ '.split(''));
  fc.assert(
    fc.property(position, letter, (at, other) => {
      const token = newToken('bwk');
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      const swapped =
        token.slice(0, at) +
        token
          .slice(at, at + 2)
          .split('')
          .toReversed()
          .join('') +
        token.slice(at + 2);
      assert.equal(isToken(changed, 'bwk'), changed === token);
      assert.equal(isToken(swapped, 'bwk'), swapped === token);
      assert.ok(!isToken(token.slice(0, at) + token.slice(at + 1), 'bwk'));
      assert.ok(!isToken(token.slice(0, at) + other + token.slice(at), 'bwk'));
    }),
  );
});

test('takes no other text for a token', () => {
  const text = fc.string({ unit: fc.constantFrom(...'bwk_09AZaz \n~'.split('')), maxLength: 60 });
  fc.assert(fc.property(text, (one) => !isToken(one, 'bwk') && !isToken(`bwk_${one}`, 'bwk')));
  assert.ok(!isToken(`${newToken('bwk')}\n`, 'bwk'));
  assert.ok(
    !isToken('bwk_00000000000000000000000000000000_2iZvP0_3MWcMd', 'bwk'),
    'longer, with a checksum that fits',
  );
});

test('is found in a text by the pattern for scanners', () => {
  const token = newToken('bwk');
  const file = `curl -H "Authorization: Bearer ${token}" https://files.example.com`;
  assert.equal(apiTokenPattern().exec(file)?.[0], token);
  assert.equal(apiTokenPattern('strongroom').exec(file), null);
  assert.equal(apiTokenPattern().exec(`x${token}`), null);
  assert.equal(apiTokenPattern().exec(token.slice(0, -1)), null);
});

test('what is stored of a token is its SHA-256, and what is shown is its first characters', () => {
  const token = newToken('bwk');
  assert.equal(hashToken(token), hash('sha256', token, 'base64url'));
  assert.equal(hintOf(token, 'bwk'), token.slice(0, 8));
});
