import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { KeyRing } from './key-ring.ts';

const a = Buffer.alloc(32, 'a');
const b = Buffer.alloc(32, 'b');

test('signs with the current key and verifies with every key of the ring', () => {
  const rotated = new KeyRing([b, a]);
  const old = new KeyRing([a]).sign('csrf-token', 'message');
  assert.ok(rotated.verify('csrf-token', 'message', old));
  assert.deepEqual(rotated.sign('csrf-token', 'message'), new KeyRing([b]).sign('csrf-token', 'message'));
  assert.ok(!new KeyRing([b]).verify('csrf-token', 'message', old));
});

test('a tag made for one purpose is worth nothing for another', () => {
  const keys = new KeyRing([a]);
  assert.ok(!keys.verify('rate-limit-key', 'message', keys.sign('csrf-token', 'message')));
});

test('takes a tag cut to 128 bits, and none shorter', () => {
  const keys = new KeyRing([a]);
  const tag = keys.sign('csrf-token', 'message');
  assert.ok(keys.verify('csrf-token', 'message', tag.subarray(0, 16)));
  assert.ok(!keys.verify('csrf-token', 'message', tag.subarray(0, 15)));
  assert.ok(!keys.verify('csrf-token', 'message', Buffer.alloc(0)));
  assert.ok(!keys.verify('csrf-token', 'message', Buffer.concat([tag, tag])));
});

test('shows no secret when it is printed', () => {
  const keys = new KeyRing([Buffer.from('correct horse battery staple 1234')]);
  assert.ok(!JSON.stringify({ keys }).includes('horse'));
  assert.ok(!inspect(keys, { depth: 9, showHidden: true }).includes('horse'));
});

test('signs with each key, the current one first', () => {
  const [current, older] = [new KeyRing([b]), new KeyRing([a])];
  assert.deepEqual(new KeyRing([b, a]).signWithEach('password-pepper', 'message'), [
    current.sign('password-pepper', 'message'),
    older.sign('password-pepper', 'message'),
  ]);
});

test('refuses to be empty', () => {
  assert.throws(() => new KeyRing([]), RangeError);
});
