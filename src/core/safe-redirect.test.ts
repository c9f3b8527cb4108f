import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { safeRedirect } from './safe-redirect.ts';

test('goes on to a page of this site', () => {
  for (const path of ['/', '/notes', '/notes?sort=old', '/account/sessions']) {
    assert.equal(safeRedirect(path, '/home'), path);
  }
});

test('v5.0.0-3.7.2 goes on to no other site, however it is written (CWE-601)', () => {
  for (const text of [
    '',
    'notes',
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2e//evil.example',
    'javascript:alert(1)',
    ' /notes',
    '/notes\r\nSet-Cookie: a=b',
    `/${'a'.repeat(5000)}`,
  ]) {
    assert.equal(safeRedirect(text, '/home'), '/home', JSON.stringify(text));
  }
});

test('takes nothing of what a query makes of a parameter that is there twice, or not at all', () => {
  for (const next of [undefined, null, ['/a', '/b'], ['/a'], { path: '/a' }, 7])
    assert.equal(safeRedirect(next, '/home'), '/home');
});

test('never leaves the site, whatever is sent', () => {
  const hostile = fc.array(
    fc.constantFrom('/', '\\', '.', '..', '%2e', '%2f', '\t', 'evil.example', '@', ':', '?', '#'),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(hostile, (parts) => {
      const next = safeRedirect(parts.join(''), '/home');
      return new URL(next, 'https://strongroom.example').origin === 'https://strongroom.example';
    }),
    { numRuns: 2000 },
  );
});
