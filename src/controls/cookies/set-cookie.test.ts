import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import * as fc from 'fast-check';
import { parseSetCookie, type SetCookie, writeSetCookie } from './set-cookie.ts';

const BARE: SetCookie = {
  name: 'a',
  value: 'b',
  expires: undefined,
  maxAge: undefined,
  domain: undefined,
  path: undefined,
  secure: false,
  httpOnly: false,
  sameSite: undefined,
  partitioned: false,
  priority: undefined,
};

function check(line: string, expected: Partial<SetCookie> | string): void {
  assert.deepEqual(
    parseSetCookie(line),
    typeof expected === 'string' ? expected : { ...BARE, ...expected },
    line,
  );
}

test('reads names and values as browsers do', () => {
  check('a=b', {});
  check(' \ta = b\t ', {});
  check('a=', { value: '' });
  check('a=b=c', { value: 'b=c' });
  check('a="b, c {}"', { value: '"b, c {}"' });
  check('__Host-a=b', { name: '__Host-a' });
  check('a=b;', {});
  check('a=b;;;=;= ;', {});
});

test('reads every attribute, in any case and order, the last of a name', () => {
  check('a=b; SECURE;httponly ; sameSITE = strict;partitioned; Priority=High', {
    secure: true,
    httpOnly: true,
    sameSite: 'strict',
    partitioned: true,
    priority: 'High',
  });
  check('a=b; Max-Age=60; Expires=Thu, 01 Jan 2026 00:00:00 GMT; Path=/x; Domain=Example.COM', {
    maxAge: '60',
    expires: 'Thu, 01 Jan 2026 00:00:00 GMT',
    path: '/x',
    domain: 'example.com',
  });
  check('a=b; Path=/x; Path=/y; SameSite=Strict; SameSite=None', { path: '/y', sameSite: 'none' });
  check('a=b; Secure=false; HttpOnly=0', { secure: true, httpOnly: true });
});

test('takes no attribute that browsers would ignore', () => {
  check('a=b; Max-Age=1h; Path=x; Domain=; SameSite=laxish; Priority=9; Colour=red; Expires=', {});
  check(`a=b; Path=/${'x'.repeat(1024)}; Domain=${'x'.repeat(1025)}`, {});
  check('a=b; Expires; Max-Age; Domain; Path; SameSite; Priority', {});
  check('a=b; Max-Age=x60; Priority=xhigh', {});
  check('a=b; Priority=highest; Domain=.', {});
});

test('takes an attribute of 1024 characters, as browsers do', () => {
  const path = `/${'x'.repeat(1023)}`;
  check(`a=b; Path=${path}`, { path });
});

test('writes nothing of an attribute that is not there', () => {
  assert.equal(writeSetCookie(BARE), 'a=b');
});

test('refuses nameless cookies, which come back as another (Cookie: __Host-sid=x)', () => {
  for (const line of ['', ';', '=', '=b', ' =b', '=__Host-sid=x', '__Host-sid', 'b; Secure', ';a=b'])
    check(line, 'nameless');
});

test('refuses control characters, wherever they stand', () => {
  for (const character of ['\0', '\r', '\n', '\x0b', '\x1f', '\x7f']) {
    for (const line of [`a${character}=b`, `a=b${character}`, `a=b; Path=/${character}`, `${character}a=b`]) {
      check(line, 'control-character');
    }
  }
});

test('refuses names that servers read differently', () => {
  for (const name of ['a b', 'a\tb', 'a,b', 'a"b', '{a}', 'a/b', 'caf\u00e9', '\u00a0__Host-sid'])
    check(`${name}=b`, 'name');
});

test('v5.0.0-3.3.5 refuses what browsers do not keep: over 4096 bytes of name and value', () => {
  check(`a=${'b'.repeat(4095)}`, { value: 'b'.repeat(4095) });
  check(`a=${'b'.repeat(4096)}`, 'too-large');
  check(`a=${'\u00e9'.repeat(2048)}`, 'too-large');
});

const attribute = fc.constantFrom(
  'Secure',
  'HttpOnly',
  'SameSite=Lax',
  'SameSite=None',
  'Path=/',
  'Path=',
  'Domain=x.example',
  'Max-Age=5',
  'Expires=Thu, 01 Jan 2026 00:00:00 GMT',
  'Partitioned',
  '',
  '=',
);
const line = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .tuple(fc.string(), fc.string(), fc.array(fc.oneof(attribute, fc.string())))
    .map(([name, value, rest]) => [`${name}=${value}`, ...rest].join(';')),
  fc.array(attribute).map((rest) => ['a=b', ...rest].join('; ')),
);

test('whatever the line, reading what was written gives the same cookie', () => {
  fc.assert(
    fc.property(line, (text) => {
      const cookie = parseSetCookie(text);
      if (typeof cookie === 'string') return;
      assert.deepEqual(parseSetCookie(writeSetCookie(cookie)), cookie);
      assert.doesNotMatch(writeSetCookie(cookie), /[\0\r\n]/);
    }),
    { numRuns: 1000 },
  );
});

test('v5.0.0-1.3.12 (in part) reads a long hostile line in linear time', () => {
  const started = performance.now();
  for (const text of [
    ';'.repeat(1_000_000),
    `a=b${'; Path=/'.repeat(100_000)}`,
    `a${' '.repeat(1_000_000)}=b`,
    `a=${' '.repeat(1_000_000)}x`,
  ]) {
    parseSetCookie(text);
  }
  assert.ok(performance.now() - started < HANG_MS);
});
