import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSource } from './page-code.ts';
import { isReflected, sightOf } from './sighting.ts';

const PAGE = { secure: true, host: 'example.com', path: '/notes/1' };

test('a file is named by where it comes from, as its page would find it', () => {
  for (const [text, source, directive] of [
    ['/static/a.js', "'self'", 'script-src'],
    ['a.js', "'self'", 'script-src'],
    ['https://example.com/a.js', "'self'", 'script-src'],
    ['//cdn.example/a.js', 'https://cdn.example', 'script-src'],
    ['https://cdn.example:8443/a.js', 'https://cdn.example:8443', 'script-src'],
    ['data:text/javascript,a', 'src of data:', 'attribute'],
  ] as const) {
    const sight = sightOf(PAGE, { kind: 'file', text, isWhole: true });
    assert.deepEqual([sight?.source, sight?.directive], [source, directive], text);
  }
  assert.equal(sightOf(PAGE, { kind: 'file', text: 'https://[', isWhole: true }), undefined);
});

test('a script is named by its hash, and no more of it is kept than is shown', () => {
  const text = ` ${'x'.repeat(1000)}`;
  const sight = sightOf(PAGE, { kind: 'script', text, isWhole: true });
  assert.equal(sight?.source, hashSource(text));
  assert.deepEqual([sight?.text.length, sight?.characters], [400, 1001]);
  assert.equal(sightOf(PAGE, { kind: 'script', text, isWhole: false }), undefined);
});

test('a text is reflected where the query could have brought code into it, not for a word that both have', () => {
  const text = 'var q = "a"; alert(1); ready()';
  for (const [query, expected] of [
    ['', false],
    ['q=ready', false],
    ['q=a', false],
    [`q=${encodeURIComponent('a"; alert(1)')}`, true],
    [`x=1&q=%22a%22%3B+alert(1)`, true],
    [`q=${encodeURIComponent(`<script>${text}</script>`)}`, true],
    ['q=%zz&%', false],
  ] as const)
    assert.equal(isReflected({ query }, text), expected, query);
});
