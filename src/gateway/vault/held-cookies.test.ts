import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSetCookie } from '../../controls/cookies/set-cookie.ts';
import {
  changed,
  changeOf,
  type CookieChange,
  cookiesFor,
  type HeldCookie,
  isSomebodyElse,
  live,
} from './held-cookies.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function change(line: string): CookieChange {
  const cookie = parseSetCookie(line);
  assert.ok(typeof cookie === 'object', line);
  return changeOf(cookie, NOW);
}

function held(...lines: string[]): readonly HeldCookie[] {
  return changed([], lines.map(change), NOW);
}

function check(line: string, expected: 'taken away' | 'kept' | number): void {
  const { value, expiresAt } = change(line);
  assert.equal(value === undefined ? 'taken away' : (expiresAt ?? 'kept'), expected, line);
}

test('a line keeps a cookie for its time, or takes it away', () => {
  check('a=1', 'kept');
  check('a=1; Max-Age=60', NOW + 60_000);
  check('a=1; Max-Age=0', 'taken away');
  check('a=1; Max-Age=-5', 'taken away');
  check('a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'taken away');
  check('a=1; Expires=Fri, 02 Jan 2026 00:00:00 GMT', NOW + 86_400_000);
  // `Max-Age` counts, whatever `Expires` says (RFC 6265 5.3).
  check('a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60', NOW + 60_000);
  check('a=1; Max-Age=0; Expires=Fri, 02 Jan 2026 00:00:00 GMT', 'taken away');
  check('a=1; Expires=never', 'kept');
  check('a=1; Max-Age=soon', 'kept');
  assert.equal(change('a=1').path, '/');
  assert.equal(change('a=1; Path=/app').path, '/app');
});

test('two of one name on two paths are two, and each goes to its own path, the longest first', () => {
  const both = held('a=root; Path=/', 'a=app; Path=/app', 'b=slash; Path=/app/');
  for (const [path, expected] of [
    ['/', 'a=root'],
    ['/app', 'a=app; a=root'],
    ['/application', 'a=root'],
    ['/app/', 'b=slash; a=app; a=root'],
    ['/app/x', 'b=slash; a=app; a=root'],
    ['/APP', 'a=root'],
  ] as const)
    assert.equal(cookiesFor(both, path), expected, path);
  assert.equal(cookiesFor(changed(both, [change('a=; Path=/app; Max-Age=0')], NOW), '/app'), 'a=root');
});

test('an answer to an older request changes nothing that a newer one set, and takes away all the same', () => {
  const newer = changed(held('a=old'), [change('a=newer')], NOW + 2);
  assert.equal(cookiesFor(changed(newer, [change('a=older')], NOW + 1), '/'), 'a=newer');
  assert.equal(cookiesFor(changed(newer, [change('a=latest')], NOW + 2), '/'), 'a=latest');
  assert.deepEqual(changed(newer, [change('a=; Max-Age=0')], NOW), []);
});

test('expired ones are gone, and no answer makes more than a store takes', () => {
  const two = held('a=1; Max-Age=60', 'b=2');
  assert.equal(cookiesFor(live(two, NOW + 59_999), '/'), 'a=1; b=2');
  assert.equal(cookiesFor(live(two, NOW + 60_000), '/'), 'b=2');
  const many = held(...Array.from({ length: 100 }, (_, at) => `a${at}=${'x'.repeat(4000)}`));
  assert.ok(JSON.stringify(many).length < 100_000);
});

const flask = (payload: object, signature: string): string =>
  `${Buffer.from(JSON.stringify(payload)).toString('base64url')}.aSyH1w.${signature}`;

test('somebody else may be there where a user, an id or the set of cookies changes', () => {
  const sealed = 'x'.repeat(300);
  for (const [before, after, expected] of [
    [['a=1'], ['a=1'], false],
    [['a=1'], ['a=2'], true],
    [['a=1'], ['a=1', 'b=1'], true],
    [['a=1', 'b=1'], ['a=1'], true],
    [['a=1'], ['a=1; Path=/x'], true],
    [[`a=${sealed}y`], [`a=${sealed}z`], false],
    [[`a=${flask({ user: 'ann' }, 's1')}`], [`a=${flask({ user: 'ann', n: 1 }, 's2')}`], false],
    [[`a=${flask({ user: 'ann' }, 's1')}`], [`a=${flask({ user: 'bob' }, 's2')}`], true],
    [[`a=${flask({}, 's1')}`], [`a=${flask({ user: 'ann' }, 's2')}`], true],
    [[`a=${flask({ user: 'ann' }, 's1')}`], [`a=${flask({ _flashes: 1 }, 's2')}`], true],
  ] as const)
    assert.equal(
      isSomebodyElse(held(...before), held(...after)),
      expected,
      `${before.join()} ${after.join()}`,
    );
});
