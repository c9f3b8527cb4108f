import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyRing } from '../../core/key-ring.ts';
import { makeCsrfToken, verifyCsrfToken } from './csrf-token.ts';

const current = Buffer.alloc(32, 1);
const previous = Buffer.alloc(32, 2);
const keys = new KeyRing([current, previous]);

test('verifies its own token for its own session only', () => {
  const token = makeCsrfToken(keys, 'session-a');
  assert.ok(verifyCsrfToken(keys, 'session-a', token));
  assert.ok(!verifyCsrfToken(keys, 'session-b', token));
});

test('makes a different token at each call, so that compression leaks nothing (CVE-2013-3587)', () => {
  const tokens = new Set(Array.from({ length: 100 }, () => makeCsrfToken(keys, 'session-a')));
  assert.equal(tokens.size, 100);
});

test('verifies a token made before the key was rotated, and not one of a stranger', () => {
  assert.ok(verifyCsrfToken(keys, 's', makeCsrfToken(new KeyRing([previous]), 's')));
  assert.ok(!verifyCsrfToken(keys, 's', makeCsrfToken(new KeyRing([Buffer.alloc(32, 3)]), 's')));
});

test('refuses a token with any one bit flipped', () => {
  const bytes = Buffer.from(makeCsrfToken(keys, 's'), 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const forged = Buffer.from(bytes);
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.ok(!verifyCsrfToken(keys, 's', forged.toString('base64url')), `bit ${bit}`);
  }
});

test('refuses what is no token at all', () => {
  for (const text of ['', 'a', 'a'.repeat(42), 'a'.repeat(44), `${'a'.repeat(42)}=`, `${'a'.repeat(42)}é`]) {
    assert.ok(!verifyCsrfToken(keys, 's', text));
  }
});

test('refuses a second spelling of a token: characters that base64url does not have are passed over when it is read', () => {
  const token = makeCsrfToken(keys, 's');
  assert.ok(verifyCsrfToken(keys, 's', token));
  for (const other of [
    `${token}=`,
    `=${token}`,
    `${token}\n`,
    `!${token}`,
    `${token.slice(0, 20)}!${token.slice(20)}`,
  ]) {
    assert.equal(verifyCsrfToken(keys, 's', other), false, JSON.stringify(other));
  }
});
