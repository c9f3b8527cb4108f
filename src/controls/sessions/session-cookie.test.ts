import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import * as fc from 'fast-check';
import { defaultsOf } from '../../core/options.ts';
import {
  EXPIRED_SESSION_COOKIE,
  findSessionCookie,
  hashSessionId,
  hashToken,
  isToken,
  newSessionId,
  readSessionCookie,
  SESSION_COOKIE,
  sessionCookie,
} from './session-cookie.ts';
import { sessionOptions } from './session.options.ts';

const ID = 'AZaz09-_'.repeat(4);
const OTHER = 'b'.repeat(32);
const settings = defaultsOf(sessionOptions);

/** What a Cookie header reads as: an id, `'nothing'`, or `'unusable'` for a cookie of ours that is not believed. */
function check(header: string | undefined, expected: string): void {
  const found = findSessionCookie(header);
  assert.equal(found === undefined ? 'nothing' : found === '' ? 'unusable' : found, expected, header);
  assert.equal(readSessionCookie(header), found === '' ? undefined : found);
}

test('reads the one well-formed session cookie, wherever it stands', () => {
  check(`__Host-sid=${ID}`, ID);
  check(`a=1; __Host-sid=${ID}`, ID);
  check(`__Host-sid=${ID}; a=1`, ID);
  check(`a=1;__Host-sid=${ID};b=2`, ID);
  check(`a=1; \t __Host-sid=${ID}`, ID);
});

test('finds nothing where there is no cookie of this name', () => {
  for (const header of [undefined, '', 'a=1', '__Host-sid', '__Host-si=1', `__host-sid=${ID}`, `sid=${ID}`]) {
    check(header, 'nothing');
  }
});

test('is not taken in by our name inside another cookie', () => {
  check(`a=__Host-sid=${ID}`, 'nothing');
  check(`a=1 __Host-sid=${ID}`, 'nothing');
  check(`x__Host-sid=${ID}`, 'nothing');
  check(`=__Host-sid=${ID}`, 'nothing');
  check(`a="; b; x__Host-sid=${OTHER}"; __Host-sid=${ID}`, ID);
});

test('believes neither of two cookies of our name: someone planted one', () => {
  check(`__Host-sid=${ID}; __Host-sid=${OTHER}`, 'unusable');
  check(`__Host-sid=${ID}; __Host-sid=${ID}`, 'unusable');
  check(`__Host-sid=; a=1;__Host-sid=${ID}`, 'unusable');
});

test('believes no id of another length or alphabet', () => {
  for (const value of [
    '',
    ID.slice(1),
    `${ID}a`,
    `"${ID.slice(2)}"`,
    `${ID} `,
    ` ${ID}`,
    `${ID.slice(1)}=`,
  ]) {
    check(`__Host-sid=${value}`, 'unusable');
  }
  for (const bad of ['+', '/', '.', '%', '\0', '\u00e9', ',', '@', '[', '`', '{', ':']) {
    check(`__Host-sid=${ID.slice(1)}${bad}`, 'unusable');
  }
});

test('reads any header without an exception, and only ever an id that is in it', () => {
  const piece = fc.oneof(
    fc.constantFrom('__Host-sid=', '__Host-sid', '; ', ';', '=', ' ', '\t', '"', ID, OTHER, 'a=1'),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const header = pieces.join('');
      const found = readSessionCookie(header);
      if (found === undefined) return;
      assert.ok(isToken(found));
      assert.ok(header.includes(`__Host-sid=${found}`));
    }),
    { numRuns: 2000 },
  );
});

test('agrees with a slow reading of the header, pair by pair', () => {
  const name = fc.constantFrom('__Host-sid', '__Host-sid2', 'x__Host-sid', 'a', '');
  const value = fc.constantFrom(ID, OTHER, '', 'short', `__Host-sid=${ID}`);
  const gap = fc.constantFrom(';', '; ', ';\t');
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value, gap), { maxLength: 6 }), (pairs) => {
      const header = pairs.map(([key, text, end]) => `${key}=${text}${end}`).join('');
      const own = pairs.filter(([key]) => key === '__Host-sid').map(([, text]) => text);
      const believed = own.length === 1 && own[0] !== undefined && isToken(own[0]) ? own[0] : undefined;
      assert.equal(readSessionCookie(header), believed);
      assert.equal(findSessionCookie(header) === undefined, own.length === 0);
    }),
    { numRuns: 2000 },
  );
});

test('reads the largest header that gets past the parser in no time, whatever is in it', () => {
  const started = performance.now();
  for (const part of ['__Host-sid=', ' __Host-sid=', ';__Host-sid', ' ', ';', 'x __Host-sid=;']) {
    readSessionCookie(part.repeat(200_000 / part.length));
  }
  assert.ok(performance.now() - started < HANG_MS);
});

test('v5.0.0-7.2.3 (in part) makes ids of 192 random bits, never one twice', () => {
  const ids = new Set(Array.from({ length: 10_000 }, newSessionId));
  assert.equal(ids.size, 10_000);
  for (const id of ids) assert.ok(isToken(id));
});

test('v5.0.0-3.3.1 v5.0.0-3.3.3 v5.0.0-3.3.4 sets a cookie that is __Host-, Secure and HttpOnly', () => {
  assert.equal(sessionCookie(ID, settings), `__Host-sid=${ID}; Path=/; Secure; HttpOnly; SameSite=Lax`);
  assert.equal(EXPIRED_SESSION_COOKIE, '__Host-sid=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0');
});

test('v5.0.0-3.3.2 sends SameSite=Strict where the policy says so', () => {
  assert.match(sessionCookie(ID, { ...settings, sameSite: 'strict' }), /; SameSite=Strict$/);
});

test('costs a request at most 60 bytes', () => {
  assert.ok(`${SESSION_COOKIE}=${newSessionId()}`.length <= 60);
});

test('hashes an id to 43 characters that say nothing of it', () => {
  const hash = hashSessionId(ID);
  assert.match(hash, /^[\w-]{43}$/);
  assert.equal(hashSessionId(ID), hash);
  assert.notEqual(hashSessionId(OTHER), hash);
});

test('what is stored of a one-time token is another for each purpose and token, and neither of them', () => {
  const stored = [hashToken('form', ID), hashToken('other', ID), hashToken('form', OTHER), hashToken('', ID)];
  assert.equal(new Set(stored).size, stored.length);
  for (const text of stored) assert.match(text, /^[\w-]{43}$/);
  for (const text of stored) assert.ok(text !== hashSessionId(ID) && !text.includes(ID));
});

test('blanks before the first cookie are passed over, and none is read before the header begins', () => {
  check(`  ${SESSION_COOKIE}=${ID}`, ID);
  check(` x${SESSION_COOKIE}=${ID}`, 'nothing');
});
