import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { KeyRing } from '../../core/key-ring.ts';
import { describeHash } from './describe-hash.ts';
import { dummyHash, hashPassword, needsRehash, verifyPassword } from './password-hash.ts';
import { Pepper } from './pepper.ts';

const CHEAP = { memory: 256, passes: 1, parallelism: 1 };
const RIGHT = 'kitchen lamp seven rivers';
const [a, b] = [Buffer.alloc(32, 'a'), Buffer.alloc(32, 'b')];

function pepperOf(...secrets: Uint8Array[]): Pepper {
  return new Pepper(new KeyRing(secrets));
}

test('goes into the hash: without it, or with another, the right password is nothing', async () => {
  const stored = await hashPassword(RIGHT, CHEAP, pepperOf(a));
  assert.match(stored, /^\$argon2id\$v=19\$m=256,t=1,p=1,keyid=[\w+/]{11}\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.equal(await verifyPassword(stored, RIGHT, pepperOf(a)), 'match');
  assert.equal(await verifyPassword(stored, 'wrong', pepperOf(a)), 'mismatch');
  assert.equal(await verifyPassword(stored, RIGHT), 'unknown-pepper');
  assert.equal(await verifyPassword(stored, RIGHT, pepperOf(b)), 'unknown-pepper');
  // Whoever has the table takes the name of the pepper away, and gains nothing.
  const bare = stored.replace(/,keyid=[^$]+/, '');
  assert.equal(await verifyPassword(bare, RIGHT), 'mismatch');
  assert.equal(await verifyPassword(bare, RIGHT, pepperOf(a)), 'mismatch');
});

test('v5.0.0-13.3.4 (in part) a rotated secret still verifies, and asks for a new hash', async () => {
  const old = await hashPassword(RIGHT, CHEAP, pepperOf(a));
  const rotated = pepperOf(b, a);
  assert.equal(await verifyPassword(old, RIGHT, rotated), 'match');
  assert.ok(needsRehash(old, CHEAP, rotated));
  const renewed = await hashPassword(RIGHT, CHEAP, rotated);
  assert.ok(!needsRehash(renewed, CHEAP, rotated));
  assert.equal(await verifyPassword(renewed, RIGHT, pepperOf(b)), 'match');
});

test('is put into a table that had none, and taken out of one that has', async () => {
  const plain = await hashPassword(RIGHT, CHEAP);
  assert.equal(await verifyPassword(plain, RIGHT, pepperOf(a)), 'match');
  assert.ok(needsRehash(plain, CHEAP, pepperOf(a)));
  assert.ok(needsRehash(await hashPassword(RIGHT, CHEAP, pepperOf(a)), CHEAP));
});

test('the dummy of an unknown account is peppered like the others', async () => {
  const dummy = dummyHash(CHEAP, pepperOf(a));
  assert.ok(!needsRehash(dummy, CHEAP, pepperOf(a)));
  assert.equal(await verifyPassword(dummy, '', pepperOf(a)), 'mismatch');
});

test('its name tells it from others and is no part of the secret', async () => {
  const { current } = pepperOf(a);
  assert.notEqual(current.id, pepperOf(b).current.id);
  assert.equal(current.id, pepperOf(a).current.id);
  assert.ok(!current.secret.toString('base64').includes(current.id));
  const stored = await hashPassword(RIGHT, CHEAP, pepperOf(a));
  assert.equal(describeHash(stored).keyId, current.id);
});

test('shows no secret when it is printed', () => {
  const pepper = pepperOf(a);
  assert.equal(JSON.stringify({ pepper }), '{"pepper":"[pepper]"}');
  const printed = inspect(pepper, { depth: 9, showHidden: true });
  assert.ok(!printed.includes(inspect(pepper.current.secret).slice(8, 20)), printed);
});
