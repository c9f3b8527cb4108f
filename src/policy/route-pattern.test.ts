import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patternOf } from './pattern-of.ts';
import { foldedPath, meet, parseRoutePattern, suggestPatterns } from './route-pattern.ts';

test('takes a pattern apart', () => {
  const pattern = parseRoutePattern('GET,POST /Notes/:id/');
  assert.deepEqual([...(pattern?.methods ?? [])], ['GET', 'POST']);
  assert.deepEqual(pattern?.segments, ['notes', '*']);
  assert.deepEqual(pattern.letters, ['Notes', '*', '']);
  assert.deepEqual(parseRoutePattern('/')?.segments, []);
  assert.equal(parseRoutePattern('/')?.methods, undefined);
});

test('reads names of everything that an address holds', () => {
  for (const text of [
    '/@scope/pkg',
    '/.well-known/security.txt',
    '/a~b!c$d&e+f,g;h=i',
    "/it's",
    '/caf\u00e9/:id',
    '/a.b-c_d',
    '/files/**',
    '/:id',
    '/**',
  ]) {
    assert.ok(parseRoutePattern(text) !== undefined, text);
  }
});

test('writes the very path of a page, and any segment where no pattern can', () => {
  for (const [path, pattern] of [
    ['/', '/'],
    ['/docs-2024-07-internal/', '/docs-2024-07-internal/'],
    ['/p/123', '/p/123'],
    ['/%C3%BCber', '/\u00fcber'],
    ["/it's", "/it's"],
    ['/queue%20s/a', '/:id/a'],
    ['/:x/*/**/$a/..', '/:id/:id/:id/:id/:id'],
    ['/a%2Fb', '/:id'],
    ['/%E2%80%AEgpj', '/:id'],
    ['/%zz', '/:id'],
  ] as const) {
    assert.equal(patternOf(path), pattern);
    assert.ok(parseRoutePattern(pattern) !== undefined, pattern);
  }
});

test('says whether some request is one for two patterns', () => {
  const both = (one: string, other: string): boolean => {
    const [a, b] = [parseRoutePattern(one), parseRoutePattern(other)];
    assert.ok(a !== undefined && b !== undefined);
    assert.equal(meet(a, b), meet(b, a));
    return meet(a, b);
  };
  for (const [one, other] of [
    ['/login/**', 'POST /login'],
    ['/**', '/'],
    ['POST /x/:a', 'POST /X/:b/'],
    ['/:a/x', '/y/:b'],
    ['GET,POST /x', 'POST /x'],
    ['/a/**', '/:b/c/d'],
  ] as const)
    assert.ok(both(one, other), `${one} and ${other}`);
  for (const [one, other] of [
    ['GET /login', 'POST /login'],
    ['/a', '/a/b'],
    ['/a/**', '/b/**'],
    ['/:a/x', '/:b/y'],
    ['/', '/:a'],
  ] as const)
    assert.ok(!both(one, other), `${one} and ${other}`);
});

test('refuses what is no pattern', () => {
  for (const text of [
    '',
    'login',
    'post /login',
    'POST/login',
    '/a/**/b',
    '/a b',
    '/a*',
    '/%61',
    '/a?b',
    'POST  /a',
    '//a',
    '/a//b',
    '/a/..',
    '/./a',
    '/a\u0000',
  ])
    assert.equal(parseRoutePattern(text), undefined, text);
});

/** Patterns of other routers, and the lines that say the same here. */
const FOREIGN: readonly (readonly [text: string, ...lines: string[]])[] = [
  ['/account{/:id}', '/account', '/account/:id'],
  ['/account/:id?', '/account', '/account/:id'],
  ['/shop/[id]', '/shop/:id'],
  ['/shop/[[lang]]', '/shop', '/shop/:lang'],
  ['/shop/[...path]', '/shop/**'],
  ['/shop/[[...path]]', '/shop/**'],
  ['/shop/$id', '/shop/:id'],
  ['/shop/$', '/shop/**'],
  ['/shop/{id}', '/shop/:id'],
  ['/shop/{id:int}', '/shop/:id'],
  ['/shop/<int:id>', '/shop/:id'],
  ['/(group)/x', '/x'],
  ['/(shop)/', '/'],
  ['/a/:id.json', '/a/:id'],
  ['/:page.data', '/:page'],
  ['/a/:from-:to', '/a/:from'],
  ['/a/:id(\\d+)', '/a/:id'],
  ['/a/:id{[0-9]+}', '/a/:id'],
  ['/a/*path', '/a/**'],
  ['/a/*.css', '/a/*'],
  ['/a/:path*', '/a/**'],
  ['/a/(.*)', '/a/**'],
  ['/admin*', '/admin/**'],
  // Wider than what was meant: with `anyone` it would open more.
  ['/a/**/edit'],
  ['delete /a/[id]', 'DELETE /a/:id'],
  ['https://example.com/a', '/a'],
  ['/a?b=c', '/a'],
  ['/a#b', '/a'],
  ['login', '/login'],
  ['/^x/'],
];

test('a pattern of another router is refused, and the line in ours is known (path-to-regexp, Next.js, SvelteKit, TanStack, Flask)', () => {
  for (const [text, ...lines] of FOREIGN) {
    assert.equal(parseRoutePattern(text), undefined, text);
    assert.deepEqual(suggestPatterns(text), lines, text);
    for (const line of lines) assert.ok(parseRoutePattern(line) !== undefined, line);
  }
});

test('patterns that differ in case, names and the last slash are one', () => {
  const folded = (text: string): string | undefined => {
    const pattern = parseRoutePattern(text);
    return pattern && foldedPath(pattern);
  };
  assert.equal(folded('/Notes/:id/'), folded('/notes/*'));
  assert.notEqual(folded('/notes/**'), folded('/notes/*'));
});
