import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BROWSER_COOKIE,
  browserCookie,
  expiredBrowserCookie,
  newBrowserId,
  newBrowserToken,
  readBrowserCookies,
} from './browser-cookie.ts';

const TICKET = { name: BROWSER_COOKIE, id: newBrowserId(), token: newBrowserToken() };
const PAIR = `${BROWSER_COOKIE}=${TICKET.id}.${TICKET.token}`;

test('is for this host alone, over https, unseen by scripts, and sent by no other site', () => {
  assert.equal(
    browserCookie(TICKET, 30 * 86_400_000 + 999),
    `${PAIR}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=2592000`,
  );
  assert.match(expiredBrowserCookie(BROWSER_COOKIE), /^__Host-device=; Path=\/; Secure; .*Max-Age=0$/);
});

test('is read back from among other cookies', () => {
  for (const header of [PAIR, `a=b; ${PAIR}`, `${PAIR};c=d`, ` ${PAIR} ; x`]) {
    assert.deepEqual(readBrowserCookies(header), [TICKET], header);
  }
});

test('of two neither is believed, and nothing that is malformed', () => {
  const { id, token } = TICKET;
  for (const header of [
    undefined,
    '',
    `${PAIR}; ${PAIR}`,
    `${PAIR}; ${BROWSER_COOKIE}=`,
    `x${PAIR}`,
    `a="${PAIR}"`,
    `${PAIR}x`,
    `${BROWSER_COOKIE}=${id}${token}`,
    `${BROWSER_COOKIE}=${id}.${token}.${token}`,
    `${BROWSER_COOKIE}="${id}.${token}"`,
    `${BROWSER_COOKIE} =${id}.${token}`,
    `${BROWSER_COOKIE.toLowerCase()}=${id}.${token}`,
  ]) {
    assert.deepEqual(readBrowserCookies(header), [], header);
  }
});

test('v5.0.0-11.5.1 (in part) a token has 192 random bits', () => {
  assert.equal(new Set(Array.from({ length: 1000 }, newBrowserToken)).size, 1000);
  assert.equal(Buffer.from(newBrowserToken(), 'base64url').byteLength, 24);
});
