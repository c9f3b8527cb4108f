import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { KeyRing } from './key-ring.ts';

const TAG = { signs: 'csrf-token' };
const OTHER_TAG = { signs: 'rate-limit-key' };
const PEPPER = { signs: 'password-pepper' };
const SEAL = { seals: 'mfa-totp-seal' };

const a = Buffer.alloc(32, 'a');
const b = Buffer.alloc(32, 'b');

test('signs with the current key and verifies with every key of the ring', () => {
  const rotated = new KeyRing([b, a]);
  const old = new KeyRing([a]).sign(TAG, 'message');
  assert.ok(rotated.verify(TAG, 'message', old));
  assert.deepEqual(rotated.sign(TAG, 'message'), new KeyRing([b]).sign(TAG, 'message'));
  assert.ok(!new KeyRing([b]).verify(TAG, 'message', old));
});

test('a tag made for one purpose is worth nothing for another', () => {
  const keys = new KeyRing([a]);
  assert.ok(!keys.verify(OTHER_TAG, 'message', keys.sign(TAG, 'message')));
});

test('takes a tag cut to 128 bits, and none shorter', () => {
  const keys = new KeyRing([a]);
  const tag = keys.sign(TAG, 'message');
  assert.ok(keys.verify(TAG, 'message', tag.subarray(0, 16)));
  assert.ok(!keys.verify(TAG, 'message', tag.subarray(0, 15)));
  assert.ok(!keys.verify(TAG, 'message', Buffer.alloc(0)));
  assert.ok(!keys.verify(TAG, 'message', Buffer.concat([tag, tag])));
});

test('shows no secret when it is printed', () => {
  const keys = new KeyRing([Buffer.from('correct horse battery staple 1234')]);
  assert.ok(!JSON.stringify({ keys }).includes('horse'));
  assert.ok(!inspect(keys, { depth: 9, showHidden: true }).includes('horse'));
});

test('signs with each key, the current one first', () => {
  const [current, older] = [new KeyRing([b]), new KeyRing([a])];
  assert.deepEqual(new KeyRing([b, a]).signWithEach(PEPPER, 'message'), [
    current.sign(PEPPER, 'message'),
    older.sign(PEPPER, 'message'),
  ]);
});

test('refuses to be empty', () => {
  assert.throws(() => new KeyRing([]), RangeError);
});

const SECRET = Buffer.from('3132333435363738393031323334353637383930', 'hex');

test('v5.0.0-11.3.2 seals with AES-GCM and opens again, whatever the length', () => {
  const keys = new KeyRing([a]);
  for (const length of [0, 1, 15, 16, 17, 20, 1000]) {
    const plaintext = Buffer.alloc(length, 'x');
    const opened = keys.open(SEAL, keys.seal(SEAL, plaintext, 'ann'), 'ann');
    assert.deepEqual(opened, { plaintext, current: true });
  }
});

test('v5.0.0-11.3.4 seals the same value differently each time', () => {
  const keys = new KeyRing([a]);
  const sealed = new Set(Array.from({ length: 1000 }, () => keys.seal(SEAL, SECRET, 'ann')));
  const nonces = new Set([...sealed].map((one) => Buffer.from(one, 'base64url').toString('hex', 1, 13)));
  assert.equal(sealed.size, 1000);
  assert.equal(nonces.size, 1000);
});

test('v5.0.0-11.2.5 v5.0.0-11.3.3 opens nothing of which any one bit was flipped', () => {
  const keys = new KeyRing([a]);
  const bytes = Buffer.from(keys.seal(SEAL, SECRET, 'ann'), 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const forged = Buffer.from(bytes);
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(keys.open(SEAL, forged.toString('base64url'), 'ann'), undefined, `bit ${bit}`);
  }
});

test('opens nothing that was cut short or made longer, and no second spelling of it', () => {
  const keys = new KeyRing([a]);
  const sealed = keys.seal(SEAL, SECRET, 'ann');
  for (let length = 0; length < sealed.length; length += 1) {
    assert.equal(keys.open(SEAL, sealed.slice(0, length), 'ann'), undefined, `${length}`);
  }
  for (const other of [`${sealed}A`, `${sealed}=`, ` ${sealed}`, `${sealed}\n`, sealed.replace(/^A/, 'A!')]) {
    assert.equal(keys.open(SEAL, other, 'ann'), undefined, other);
  }
});

test('a value sealed for one row opens in no other', () => {
  const keys = new KeyRing([a]);
  const sealed = keys.seal(SEAL, SECRET, 'ann');
  for (const other of ['bob', 'an', 'ann ', '', 'ANN']) {
    assert.equal(keys.open(SEAL, sealed, other), undefined, other);
  }
});

test('v5.0.0-11.2.2 (in part) opens with an older secret of the ring and says so, and with no stranger', () => {
  const old = new KeyRing([a]).seal(SEAL, SECRET, 'ann');
  const rotated = new KeyRing([b, a]);
  assert.deepEqual(rotated.open(SEAL, old, 'ann'), { plaintext: SECRET, current: false });
  const anew = rotated.seal(SEAL, SECRET, 'ann');
  assert.deepEqual(new KeyRing([b]).open(SEAL, anew, 'ann'), { plaintext: SECRET, current: true });
  assert.equal(new KeyRing([b]).open(SEAL, old, 'ann'), undefined);
});

test('what is sealed shows nothing of the value but its length', () => {
  const sealed = Buffer.from(new KeyRing([a]).seal(SEAL, SECRET, 'ann'), 'base64url');
  assert.ok(!sealed.includes(SECRET.subarray(0, 4)));
  assert.equal(sealed.byteLength, SECRET.byteLength + 29);
});

test('what is signed often has the tag that signing gives, of the keys that are current', () => {
  const purpose = { signs: 'often' };
  const keys = new KeyRing([Buffer.alloc(32, 1)]);
  const before = keys.sign(purpose, 'a');
  for (let round = 0; round < 3; round += 1) assert.deepEqual(keys.signOften(purpose, 'a'), before);
  assert.notDeepEqual(keys.signOften({ signs: 'other' }, 'a'), before);
  keys.replace([Buffer.alloc(32, 2), Buffer.alloc(32, 1)]);
  assert.deepEqual(keys.signOften(purpose, 'a'), keys.sign(purpose, 'a'));
  assert.notDeepEqual(keys.signOften(purpose, 'a'), before);
});

test('what is signed often is forgotten from the oldest on, and no memory grows by it', () => {
  const purpose = { signs: 'often' };
  const keys = new KeyRing([Buffer.alloc(32, 1)]);
  const first = keys.signOften(purpose, '0');
  for (let count = 1; count < 1024; count += 1) keys.signOften(purpose, String(count));
  assert.equal(keys.signOften(purpose, '0'), first, 'the same tag, remembered');
  keys.signOften(purpose, 'one more');
  assert.notEqual(keys.signOften(purpose, '0'), first, 'made anew');
  assert.deepEqual(keys.signOften(purpose, '0'), first);
});
