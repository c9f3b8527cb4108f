import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DEVICE_COOKIE,
  deviceCookie,
  expiredDeviceCookie,
  newDeviceId,
  newDeviceToken,
  readDeviceCookies,
} from './device-cookie.ts';

const TICKET = { name: DEVICE_COOKIE, id: newDeviceId(), token: newDeviceToken() };
const PAIR = `${DEVICE_COOKIE}=${TICKET.id}.${TICKET.token}`;

test('is for this host alone, over https, unseen by scripts, and sent by no other site', () => {
  assert.equal(
    deviceCookie(TICKET, 30 * 86_400_000 + 999),
    `${PAIR}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=2592000`,
  );
  assert.match(expiredDeviceCookie(DEVICE_COOKIE), /^__Host-device=; Path=\/; Secure; .*Max-Age=0$/);
});

test('is read back from among other cookies', () => {
  for (const header of [PAIR, `a=b; ${PAIR}`, `${PAIR};c=d`, ` ${PAIR} ; x`]) {
    assert.deepEqual(readDeviceCookies(header), [TICKET], header);
  }
});

test('of two neither is believed, and nothing that is malformed', () => {
  const { id, token } = TICKET;
  for (const header of [
    undefined,
    '',
    `${PAIR}; ${PAIR}`,
    `${PAIR}; ${DEVICE_COOKIE}=`,
    `x${PAIR}`,
    `a="${PAIR}"`,
    `${PAIR}x`,
    `${DEVICE_COOKIE}=${id}${token}`,
    `${DEVICE_COOKIE}=${id}.${token}.${token}`,
    `${DEVICE_COOKIE}="${id}.${token}"`,
    `${DEVICE_COOKIE} =${id}.${token}`,
    `${DEVICE_COOKIE.toLowerCase()}=${id}.${token}`,
  ]) {
    assert.deepEqual(readDeviceCookies(header), [], header);
  }
});

test('v5.0.0-11.5.1 (in part) a token has 192 random bits', () => {
  assert.equal(new Set(Array.from({ length: 1000 }, newDeviceToken)).size, 1000);
  assert.equal(Buffer.from(newDeviceToken(), 'base64url').byteLength, 24);
});
