import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fromBase32 } from '../../../test/support/base32.ts';
import { inGroups, toBase32 } from './base32.ts';

const { rfc4648 } = JSON.parse(
  readFileSync(new URL('../../../test/vectors/totp/rfc.json', import.meta.url), 'utf8'),
) as { rfc4648: { base32: [string, string][] } };

test('writes the vectors of RFC 4648', () => {
  assert.equal(rfc4648.base32.length, 7);
  for (const [text, base32] of rfc4648.base32) assert.equal(toBase32(Buffer.from(text)), base32);
});

test('writes every byte there is', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  assert.deepEqual(fromBase32(toBase32(bytes)), bytes);
});

test('a secret of 20 bytes is 32 characters in eight groups', () => {
  const base32 = toBase32(Buffer.alloc(20, 0xa5));
  assert.equal(base32.length, 32);
  assert.match(inGroups(base32), /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  assert.equal(inGroups(base32).replaceAll(' ', ''), base32);
  assert.equal(inGroups('ABCDE'), 'ABCD E');
  assert.equal(inGroups(''), '');
});
