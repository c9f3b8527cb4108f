import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { RouteRules } from '../core/route-rules.ts';
import { parseRoutePattern, RouteTable } from './route-table.ts';

function table(routes: Record<string, RouteRules>): RouteTable {
  return new RouteTable(
    Object.entries(routes).map(([text, rules]) => {
      const pattern = parseRoutePattern(text);
      assert.ok(pattern !== undefined, text);
      return { pattern, rules };
    }),
  );
}

const signedIn: RouteRules = { require: {} };
const operator: RouteRules = { require: { role: 'operator' } };

test('matches a path, whatever its case and trailing slash', () => {
  const routes = table({ '/admin/**': operator });
  for (const path of ['/admin', '/admin/', '/ADMIN', '/Admin/users', '/admin//users', '/admin/a/b/c']) {
    assert.equal(routes.find('GET', path), operator, path);
  }
  for (const path of ['/', '/administrator', '/x/admin'])
    assert.deepEqual(routes.find('GET', path), {}, path);
});

test('holds for the named methods only, and for HEAD where GET is named', () => {
  const routes = table({ 'POST /login': signedIn, 'GET,PUT /notes/:id': operator });
  assert.equal(routes.find('POST', '/login'), signedIn);
  assert.deepEqual(routes.find('GET', '/login'), {});
  assert.equal(routes.find('HEAD', '/notes/7'), operator);
  assert.deepEqual(routes.find('HEAD', '/notes/7/x'), {});
});

test('merges what several patterns say, the more specific one winning key by key', () => {
  const routes = table({
    '/a/b/**': { require: { role: 'b' } },
    '/a/**': { require: { role: 'a' }, bodyLimit: 1 },
    '/a/*/c': { require: { role: 'star' }, ownErrors: true },
    'POST /a/**': { bodyLimit: 2 },
  });
  assert.deepEqual(routes.find('GET', '/a/x'), { require: { role: 'a' }, bodyLimit: 1 });
  assert.deepEqual(routes.find('POST', '/a/x'), { require: { role: 'a' }, bodyLimit: 2 });
  assert.deepEqual(routes.find('GET', '/a/b/c'), { require: { role: 'b' }, bodyLimit: 1, ownErrors: true });
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
  ]) {
    assert.equal(parseRoutePattern(text), undefined, text);
  }
});

test('takes memory for what the policy says only, however many paths are asked for', () => {
  const routes = table({ '/**': signedIn, '/*': operator });
  for (let index = 0; index < 10_000; index += 1) assert.deepEqual(routes.find('GET', `/${index}`), operator);
});

test('a more specific route that asks for more still asks for what the wider one does', () => {
  const routes = table({
    '/admin/**': { require: { role: 'admin', mfa: true } },
    'POST /admin/users': { require: { freshMs: 1000 } },
    '/admin/notes': signedIn,
    'GET /admin/export': { require: { scope: 'export' } },
    '/admin/help': { require: 'anyone' },
  });
  assert.deepEqual(routes.find('POST', '/admin/users').require, { role: 'admin', mfa: true, freshMs: 1000 });
  assert.deepEqual(routes.find('GET', '/admin/notes').require, { role: 'admin', mfa: true });
  assert.deepEqual(routes.find('GET', '/admin/export').require, {
    role: 'admin',
    mfa: true,
    scope: 'export',
  });
  assert.equal(routes.find('GET', '/admin/help').require, 'anyone');
});

test('knows whether any route asks for more than anyone', () => {
  assert.ok(table({ '/a': signedIn }).restricts);
  assert.ok(!table({ '/a': { require: 'anyone' }, '/b': { bodyLimit: 1 } }).restricts);
});

/** What a pattern says, read word for word. */
function holds(pattern: readonly string[], path: string): boolean {
  const segments = path.split('/').filter((segment) => segment !== '');
  const rest = pattern.at(-1) === '**';
  const fixed = rest ? pattern.slice(0, -1) : pattern;
  if (rest ? segments.length < fixed.length : segments.length !== fixed.length) return false;
  return fixed.every((segment, index) => segment === '*' || segment === segments[index]);
}

test('finds every pattern that holds and no other, wherever slashes stand', () => {
  const segment = fc.constantFrom<string>('a', 'b', 'ab', '*');
  const pattern = fc
    .tuple(fc.array(segment, { maxLength: 3 }), fc.boolean())
    .map(([segments, rest]) => segments.concat(rest ? ['**'] : []));
  const path = fc.array(fc.constantFrom('/', '//', 'a', 'b', 'ab', '/a', '/b/', '/ab'), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), path, (patterns, pieces) => {
      // Rules that stay apart when they are merged: each pattern leaves a mark of its own.
      const rules = patterns.map((_, index) => ({ [`mark${index}`]: true }));
      const routes = new RouteTable(
        patterns.map((segments, index) => ({
          pattern: { text: '', methods: undefined, segments },
          rules: rules[index] ?? {},
        })),
      );
      const asked = `/${pieces.join('')}`;
      const expected = Object.assign({}, ...rules.filter((_, index) => holds(patterns[index] ?? [], asked)));
      assert.deepEqual({ ...routes.find('GET', asked) }, expected);
    }),
    { numRuns: 1000 },
  );
});
