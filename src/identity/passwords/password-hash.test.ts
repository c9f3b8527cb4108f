import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { dummyHash, hashPassword, needsRehash, verifyPassword } from './password-hash.ts';
import { OWASP_MINIMUM } from './phc-string.ts';

interface Vectors {
  readonly rfc9106: Readonly<Record<'message' | 'nonce' | 'secret' | 'associatedData' | 'tag', string>> & {
    readonly memory: number;
    readonly passes: number;
    readonly parallelism: number;
  };
  readonly reference: { readonly hashes: readonly (readonly [password: string, stored: string])[] };
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../test/vectors/argon2/argon2id.json', import.meta.url), 'utf8'),
) as Vectors;

/** Cheap enough to hash often; production refuses it. */
const CHEAP = { memory: 256, passes: 1, parallelism: 1 };

test('Node.js computes the argon2id vector of RFC 9106 5.3', () => {
  const { message, nonce, secret, associatedData, tag, ...cost } = vectors.rfc9106;
  const computed = argon2Sync('argon2id', {
    message: Buffer.from(message, 'hex'),
    nonce: Buffer.from(nonce, 'hex'),
    secret: Buffer.from(secret, 'hex'),
    associatedData: Buffer.from(associatedData, 'hex'),
    tagLength: 32,
    ...cost,
  });
  assert.equal(computed.toString('hex'), tag);
});

test('verifies the hashes of the reference implementation, and no other password against them', async () => {
  for (const [password, stored] of vectors.reference.hashes) {
    assert.equal(await verifyPassword(stored, password), 'match', stored);
  }
  const [, stored = ''] = vectors.reference.hashes.find(([, text]) => text.includes('m=256')) ?? [];
  for (const wrong of ['', 'Password', 'password ', 'passwor', 'password\0']) {
    assert.equal(await verifyPassword(stored, wrong), 'mismatch', wrong);
  }
});

test('v5.0.0-11.4.2 hashes with argon2id at the OWASP minimum where nothing else is said', async () => {
  const stored = await hashPassword('correct horse');
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.equal(await verifyPassword(stored, 'correct horse'), 'match');
  assert.equal(await verifyPassword(stored, 'correct horsf'), 'mismatch');
});

test('gives every hash a salt of its own', async () => {
  assert.notEqual(await hashPassword('same', CHEAP), await hashPassword('same', CHEAP));
});

test('a wrong password is an answer and an unknown format is another: neither throws (past failure 5)', async () => {
  const stored = await hashPassword('right', CHEAP);
  assert.equal(await verifyPassword(stored, 'wrong'), 'mismatch');
  for (const unknown of [
    '',
    'plain',
    '$2b$12$KIXQwq8mG0aW4yYb0xvJ5eL0yq3c2V9S8sY0Q5v2mZcB1s1uD7y6W',
    'scrypt:32768:8:1$salt$abc',
    '$argon2id$v=19$m=4294967295,t=4294967295,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=1,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    `${stored}=`,
  ]) {
    assert.equal(await verifyPassword(unknown, 'right'), 'unknown-format', unknown);
  }
});

test('v5.0.0-6.2.8 (in part) takes a password as it is: case, spaces and length count', async () => {
  const stored = await hashPassword(' Straße 東京 '.repeat(20), CHEAP);
  assert.equal(await verifyPassword(stored, ' Straße 東京 '.repeat(20)), 'match');
  assert.equal(await verifyPassword(stored, ' Straße 東京 '.repeat(20).trim()), 'mismatch');
  assert.equal(await verifyPassword(stored, ' Straße 東京 '.repeat(20).toLowerCase()), 'mismatch');
  assert.equal(await verifyPassword(stored, ' Straße 東京 '.repeat(19)), 'mismatch');
});

test('takes one letter typed on two keyboards as one', async () => {
  const stored = await hashPassword('caf\u00E9', CHEAP);
  assert.equal(await verifyPassword(stored, 'cafe\u0301'), 'match');
  assert.equal(await verifyPassword(stored, 'cafe'), 'mismatch');
});

test('wants a new hash where the cost has changed or the old one cannot be read', async () => {
  const stored = await hashPassword('x', CHEAP);
  assert.ok(!needsRehash(stored, CHEAP));
  assert.ok(needsRehash(stored));
  assert.ok(needsRehash(stored, { ...CHEAP, passes: 2 }));
  assert.ok(needsRehash('plain'));
  // A salt of 8 bytes, from an importer.
  assert.ok(
    needsRehash(
      '$argon2id$v=19$m=256,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
      CHEAP,
    ),
  );
});

test('a dummy hash looks like any other of its cost and matches nothing', async () => {
  const dummy = dummyHash(OWASP_MINIMUM);
  assert.ok(!needsRehash(dummy));
  assert.equal(await verifyPassword(dummyHash(CHEAP), ''), 'mismatch');
  assert.notEqual(dummy, dummyHash(OWASP_MINIMUM));
});

test('hashes off the event loop: others are served before as many as keep every core busy are done (past failure 27)', async () => {
  let done = 0;
  const hashing = Array.from({ length: 8 }, async () => {
    await hashPassword('x');
    done += 1;
  });
  // Had they been made on the event loop, this turn of it would come when all of them are done.
  await setImmediate();
  assert.ok(done < hashing.length, `${done} of ${hashing.length} before the event loop turned once`);
  await Promise.all(hashing);
  assert.equal(done, hashing.length);
});

test('the bytes of a password are wiped once it is hashed', async () => {
  // Small buffers are parts of one, in which this text may lie as it stands here.
  const password = 'swordfish of nobody else'.toUpperCase();
  const { buffer } = Buffer.from('a neighbour');
  const written = Buffer.from(password);
  assert.ok(Buffer.from(buffer).includes(password));
  written.fill(0);
  await verifyPassword(await hashPassword(password), password);
  assert.ok(!Buffer.from(buffer).includes(password));
});
