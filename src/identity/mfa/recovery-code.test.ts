import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashRecoveryCode, newRecoveryCode, readRecoveryCode } from './recovery-code.ts';

test('v5.0.0-6.5.4 v5.0.0-6.5.2 a code has 112 random bits or more, so that a plain hash keeps it', () => {
  const codes = Array.from({ length: 2000 }, newRecoveryCode);
  const characters = new Set(codes.join('').replaceAll('-', ''));
  assert.equal(characters.size, 24);
  for (const code of codes) assert.match(code, /^[2-9A-Z]{5}(-[2-9A-Z]{5}){4}$/);
  assert.ok(25 * Math.log2(characters.size) >= 112);
});

test('v5.0.0-6.5.3 (in part) every character is as likely at every place', () => {
  const rounds = 24_000;
  const counts = Array.from({ length: 25 }, () => new Map<string, number>());
  for (let round = 0; round < rounds; round += 1) {
    for (const [place, character] of newRecoveryCode().replaceAll('-', '').split('').entries()) {
      counts[place]?.set(character, (counts[place].get(character) ?? 0) + 1);
    }
  }
  // A thousand expected, a standard deviation of 31: eight of them are never seen by chance.
  for (const place of counts) {
    assert.equal(place.size, 24);
    for (const count of place.values()) assert.ok(Math.abs(count - rounds / 24) < 250, `${count}`);
  }
});

test('has no character that is taken for another, and no vowel', () => {
  const all = new Set(Array.from({ length: 2000 }, newRecoveryCode).join(''));
  for (const character of '01OILZS5BUAE') assert.ok(!all.has(character), character);
});

test('is read in any case, with any separators, and with what people take its characters for', () => {
  const read = readRecoveryCode('2K7MQ-8CDFG-HJ3PR-VWXY4-6T9NN');
  assert.equal(read, '2K7MQ8CDFGHJ3PRVWXY46T9NN');
  for (const typed of [
    '2k7mq8cdfghj3prvwxy46t9nn',
    ' 2K7MQ 8CDFG HJ3PR VWXY4 6T9NN\r\n',
    '2K7M-Q8CD-FGHJ-3PRV-WXY4-6T9N-N',
    'zk7mqbcdfghj3pruwxy46t9nn',
    '2.k_7mq8cdfghj3prvwxy46t9nn',
  ]) {
    assert.equal(readRecoveryCode(typed), read, typed);
  }
});

test('reads nothing that is no code', () => {
  const code = '2K7MQ8CDFGHJ3PRVWXY46T9NN';
  for (const typed of [
    '',
    code.slice(1),
    `${code}2`,
    `A${code.slice(1)}`,
    `\u2461\u2461${code.slice(1)}`,
    `${code}\0`,
  ]) {
    assert.equal(readRecoveryCode(typed), undefined, typed);
  }
  assert.equal(readRecoveryCode('-'.repeat(1_000_000)), undefined);
});

test('reads every code that it makes, and hashes each to something of its own', () => {
  const codes = Array.from({ length: 1000 }, newRecoveryCode);
  const hashes = new Set(codes.map((code) => hashRecoveryCode(readRecoveryCode(code) ?? 'none')));
  assert.equal(hashes.size, 1000);
  for (const hash of hashes) assert.match(hash, /^[\w-]{43}$/);
});
