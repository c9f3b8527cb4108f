import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { readFlaskSession } from './flask-user.ts';

function cookieOf(payload: string, isPacked = false): string {
  const bytes = Buffer.from(payload);
  const text = (isPacked ? deflateSync(bytes) : bytes).toString('base64url');
  return `${isPacked ? '.' : ''}${text}.aSyH1w.c2lnbmF0dXJlLW9mLXR3ZW50eS0`;
}

test('names the user of a session, packed or not, by the field of Flask-Login first', () => {
  for (const isPacked of [false, true]) {
    assert.deepEqual(readFlaskSession(cookieOf('{"user":"ann"}', isPacked)), { user: 'ann' });
    assert.deepEqual(readFlaskSession(cookieOf('{"user":"x","_user_id":"7"}', isPacked)), { user: '7' });
    assert.deepEqual(readFlaskSession(cookieOf('{"user_id":12}', isPacked)), { user: '12' });
    assert.deepEqual(readFlaskSession(cookieOf('{"_flashes":[]}', isPacked)), { user: undefined });
  }
  for (const value of ['null', '""', '{}', '[]', '"\\ud800"', `"${'x'.repeat(257)}"`])
    assert.deepEqual(readFlaskSession(cookieOf(`{"user":${value}}`)), { user: undefined }, value);
});

test('what is no session of Flask is none, whatever is in it', () => {
  for (const value of [
    '',
    'abc',
    'a.b.c',
    '.a.b.c',
    cookieOf('[1]'),
    cookieOf('null'),
    cookieOf('{"user":"ann"'),
    `.${cookieOf('{"user":"ann"}')}`,
    cookieOf('{"user":"ann"}').replaceAll('.', ':'),
  ])
    assert.equal(readFlaskSession(value), undefined, value);
});

test('a packed session that grows past all measure is not unpacked', () => {
  const bomb = cookieOf(JSON.stringify({ user: 'ann', x: 'x'.repeat(10_000_000) }), true);
  assert.ok(bomb.length < 20_000);
  assert.equal(readFlaskSession(bomb), undefined);
});
