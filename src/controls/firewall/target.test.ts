import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { originForm, parseAbsolute } from './target.ts';

test('takes an absolute target apart', () => {
  assert.deepEqual(parseAbsolute('https://Example.com:8443/a?b'), {
    host: { name: 'example.com', port: 8443 },
    secure: true,
    rest: '/a?b',
  });
  assert.equal(parseAbsolute('http://example.com')?.rest, '/');
  assert.equal(parseAbsolute('http://example.com?a=/b')?.rest, '/?a=/b');
  assert.equal(parseAbsolute('http://example.com/')?.secure, false);
  assert.equal(parseAbsolute('http://example.com#a')?.rest, '/#a', 'for the reading of paths to refuse');
});

test('takes no other scheme, and no authority that could be two hosts', () => {
  const bad = [
    'ftp://a/',
    'http:/a',
    'http:a',
    '//a/',
    'http:///a',
    'http://',
    'http://a@b/',
    'http://a\\b/',
    'http://a,b/',
    'a.example/http://',
    'a.example:80/http://b.example/',
  ];
  for (const target of bad) assert.equal(parseAbsolute(target), undefined, target);
});

test('gives the origin-form of a target that has one', () => {
  assert.equal(originForm('/a?b'), '/a?b');
  assert.equal(originForm('http://a.example/b?c'), '/b?c');
  assert.equal(originForm('*'), undefined);
  assert.equal(originForm('a.example:443'), undefined);
});

test('never throws, and sees the host that browsers see', () => {
  const urls = fc.webUrl({ validSchemes: ['http', 'https'], withQueryParameters: true });
  fc.assert(
    fc.property(
      fc.oneof(
        urls,
        fc.string().map((text) => `http://${text}`),
      ),
      (target) => {
        const absolute = parseAbsolute(target);
        if (absolute === undefined || absolute.host.name.includes('xn--') || !URL.canParse(target)) return;
        assert.equal(new URL(target).hostname.replace(/\.$/, ''), absolute.host.name);
      },
    ),
    { numRuns: 500 },
  );
});
