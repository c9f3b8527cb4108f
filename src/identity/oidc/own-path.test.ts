import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ownPath } from './own-path.ts';

const ORIGIN = 'https://files.example.com';

test('leaves a path of this site as it is', () => {
  for (const path of [
    '/',
    '/notes',
    '/notes?page=2&sort=a%2Fb#last',
    '/a//b',
    '/login?next=//evil.example',
  ]) {
    assert.equal(ownPath(path, ORIGIN), path);
  }
});

const ELSEWHERE: readonly unknown[] = [
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  '/%2e//evil.example',
  'https://evil.example/',
  'https:evil.example',
  'javascript:alert(1)',
  'files.example.com',
  '@evil.example',
  '.evil.example',
  '',
  ' /notes',
  `/${'a'.repeat(2048)}`,
  '/notes\r\nSet-Cookie: a=b',
  undefined,
  null,
  7,
  ['/notes'],
  { toString: () => '/notes' },
];

for (const path of ELSEWHERE) {
  test(`goes nowhere by ${JSON.stringify(path)?.slice(0, 40)}`, () => {
    assert.equal(ownPath(path, ORIGIN), undefined);
  });
}

test('whatever it lets through, a browser on this site stays on it', () => {
  const part = fc.constantFrom(
    '/',
    '\\',
    '.',
    '%2e',
    '\t',
    '\n',
    ':',
    '@',
    '?',
    '#',
    'a',
    'evil.example',
    'https:',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const path = ownPath(`/${parts.join('')}`, ORIGIN);
      if (path === undefined) return;
      const url = new URL(path, `${ORIGIN}/login/with/home/callback`);
      assert.equal(url.origin, ORIGIN);
      assert.equal(new URL(url.pathname, ORIGIN).origin, ORIGIN);
    }),
    { numRuns: 2000 },
  );
});
