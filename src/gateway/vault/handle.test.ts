import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isToken } from '../../controls/sessions/session-cookie.ts';
import { EXPIRED_VAULT_COOKIE, Handle, VAULT_COOKIE } from './handle.ts';

function made(): { readonly handle: Handle; readonly pair: string } {
  const { handle, cookie } = Handle.make('lax');
  return { handle, pair: cookie.split(';', 1)[0] ?? '' };
}

test('a handle is a __Host- cookie of 256 bits, which leads to one name in the store', () => {
  const { handle, cookie } = Handle.make('lax');
  assert.match(cookie, /^__Host-vault=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
  assert.match(Handle.make('strict').cookie, /SameSite=Strict$/);
  assert.equal(EXPIRED_VAULT_COOKIE, '__Host-vault=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0');
  const pair = cookie.split(';', 1)[0] ?? '';
  assert.equal(Handle.read(`a=1; ${pair}; b=2`)?.idHash, handle.idHash);
  assert.match(handle.idHash, /^[\w-]{43}$/);
  assert.ok(!pair.includes(handle.idHash));
  // It has another length than the id of a session, so that neither is ever taken for the other.
  assert.equal(isToken(pair.slice(VAULT_COOKIE.length + 1)), false);
});

test('of two handles, and of one in another spelling, none is believed', () => {
  const [one, two] = [made(), made()];
  const value = one.pair.slice(VAULT_COOKIE.length + 1);
  const last = value.at(-1) ?? '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  // The same bytes for who reads base64url leniently.
  const twin = `${value.slice(0, -1)}${alphabet[alphabet.indexOf(last) + 1]}`;
  assert.deepEqual(Buffer.from(twin, 'base64url'), Buffer.from(value, 'base64url'));
  for (const text of [
    '',
    'a=1',
    `${one.pair}; ${two.pair}`,
    `${one.pair}; ${one.pair}`,
    `${VAULT_COOKIE}=${twin}`,
    `${VAULT_COOKIE}=${value}a`,
    `${VAULT_COOKIE}=${value.slice(1)}`,
    `${VAULT_COOKIE}="${value}"`,
    `a=${one.pair}`,
    `x${one.pair}`,
    VAULT_COOKIE,
  ])
    assert.equal(Handle.read(text), undefined, text);
});

test('what is sealed opens with its own handle alone, and not once it was changed', () => {
  const [one, two] = [made(), made()];
  const sealed = one.handle.seal('session=secret');
  assert.ok(!sealed.includes('secret'));
  assert.notEqual(one.handle.seal('session=secret'), sealed);
  assert.equal(Handle.read(one.pair)?.open(sealed), 'session=secret');
  assert.equal(two.handle.open(sealed), undefined);
  assert.equal(one.handle.open(`${sealed.slice(0, -2)}AA`), undefined);
});
