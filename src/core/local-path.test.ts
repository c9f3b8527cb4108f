import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLocalPath } from './local-path.ts';

test('takes paths of this site, with a query too', () => {
  for (const path of ['/', '/notes', '/notes?page=2&q=a%20b', '/a//b', '/?next=https://x.example/'])
    assert.ok(isLocalPath(path), path);
});

test('v5.0.0-3.7.2 takes nothing that a browser would leave this site for', () => {
  const hostile = [
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    'evil.example',
    '',
    '/a\r\nSet-Cookie: b=c',
    '/a\0',
    '/a#b',
    '/\u00e9',
  ];
  for (const text of hostile) assert.ok(!isLocalPath(text), JSON.stringify(text));
});

test('what it takes, a URL parser keeps on this site', () => {
  for (const path of ['/', '/..//evil.example', '/@evil.example', '/.//evil.example', '/;//evil.example']) {
    assert.ok(isLocalPath(path));
    assert.equal(new URL(path, 'https://example.com').host, 'example.com', path);
  }
});
