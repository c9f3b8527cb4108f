import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLoopbackName, parseOrigin } from './origin.ts';

test('takes an origin apart, as browsers write it', () => {
  assert.deepEqual(parseOrigin('https://Files.Example.com:443/'), {
    origin: 'https://files.example.com',
    scheme: 'https',
    host: 'files.example.com',
    hostname: 'files.example.com',
    loopback: false,
  });
  assert.equal(parseOrigin('http://[::1]:3000')?.host, '[::1]:3000');
});

test('refuses paths, users, wildcards and other schemes', () => {
  const texts = [
    '',
    'example.com',
    '//example.com',
    'https://',
    'https://a/b',
    'https://a?b',
    'https://a#b',
    'https://u@a',
  ];
  for (const text of [
    ...texts,
    'https://*.example.com',
    'ftp://a',
    'javascript:1',
    'null',
    'https://u:p@a',
  ]) {
    assert.equal(parseOrigin(text), undefined, text);
  }
});

test('never throws, and its origin parses to itself', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.webAuthority().map((name) => `https://${name}`),
      ),
      (text) => {
        const parts = parseOrigin(text);
        if (parts !== undefined) assert.deepEqual(parseOrigin(parts.origin), parts);
      },
    ),
  );
});

test('knows which names can only mean this machine', () => {
  for (const name of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]'])
    assert.ok(isLoopbackName(name), name);
  for (const name of [
    'localhost.example.com',
    '127.0.0.1.example.com',
    'notlocalhost',
    '128.0.0.1',
    '[::2]',
    '0.0.0.0',
  ]) {
    assert.ok(!isLoopbackName(name), name);
  }
});
