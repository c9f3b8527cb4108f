import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyRing } from '../../core/key-ring.ts';
import { KNOWN_BROWSER_COOKIE, KnownBrowserCookie } from './known-browser.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const DAY = 24 * 60 * 60_000;
const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);

function pairOf(line: string): string {
  return line.split(';', 1)[0] ?? '';
}

test('knows a browser for the account that signed in from it, and for no other', () => {
  const browsers = new KnownBrowserCookie(new KeyRing([OLD]));
  const line = browsers.line('ann', undefined, NOW);
  assert.match(
    line,
    /^__Host-signed-in-before=[\w.-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=15552000$/,
  );
  const id = browsers.idFor('ann', `a=1; ${pairOf(line)}`, NOW);
  assert.match(id ?? '', /^[\w-]{16}$/);
  assert.equal(browsers.idFor('bob', pairOf(line), NOW), undefined);
  // Its id stays, so that what it guessed is not forgotten by signing in once more.
  assert.equal(browsers.idFor('ann', pairOf(browsers.line('ann', pairOf(line), NOW + DAY)), NOW + DAY), id);
  assert.equal(browsers.idFor('ann', pairOf(line), NOW + 181 * DAY), undefined);
  assert.equal(browsers.idFor('ann', pairOf(line), NOW - 3 * DAY), undefined);
});

test('several people share a browser, and the one who was not there for longest makes room', () => {
  const browsers = new KnownBrowserCookie(new KeyRing([OLD]));
  let cookie: string | undefined;
  for (let person = 0; person < 6; person += 1) cookie = pairOf(browsers.line(`p${person}`, cookie, NOW));
  const known = [0, 1, 2, 3, 4, 5].map((person) => browsers.idFor(`p${person}`, cookie, NOW) !== undefined);
  assert.deepEqual(known, [false, true, true, true, true, true]);
});

test('what was changed, planted beside it or made up is no proof', () => {
  const browsers = new KnownBrowserCookie(new KeyRing([OLD]));
  const pair = pairOf(browsers.line('ann', undefined, NOW));
  const [name = '', value = ''] = pair.split('=');
  const [time = '', id = '', ...tag] = value.split('-');
  for (const cookies of [
    `${pair}; ${name}=x`,
    `${name}=${'x'.repeat(200)}`,
    `${name}=${time}x-${id}-${tag.join('-')}`,
    `${name}=`,
    `${name}=${Array(6).fill(value).join('.')}`,
    `x${pair}`,
    pair.toLowerCase(),
  ])
    assert.equal(browsers.idFor('ann', cookies, NOW), undefined, cookies);
});

test('a new secret in front takes what the old one signed', () => {
  const pair = pairOf(new KnownBrowserCookie(new KeyRing([OLD])).line('ann', undefined, NOW));
  assert.notEqual(new KnownBrowserCookie(new KeyRing([NEW, OLD])).idFor('ann', pair, NOW), undefined);
  assert.equal(new KnownBrowserCookie(new KeyRing([NEW])).idFor('ann', pair, NOW), undefined);
  assert.ok(pair.startsWith(KNOWN_BROWSER_COOKIE));
});
