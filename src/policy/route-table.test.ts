import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { table } from '../../test/support/route-table.ts';
import type { RouteRules } from '../core/route-rules.ts';
import { RouteTable } from './route-table.ts';

const signedIn: RouteRules = { require: {} };
const operator: RouteRules = { require: { roles: ['operator'] } };

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

test('merges what several patterns say, the more specific one winning key by key, and adds up what they ask for', () => {
  const routes = table({
    '/a/b/**': { require: { roles: ['b'] } },
    '/a/**': { require: { roles: ['a'] }, bodyLimit: 1 },
    '/a/*/c': { require: { roles: ['star'] }, ownErrors: true },
    'POST /a/**': { bodyLimit: 2 },
  });
  assert.deepEqual(routes.find('GET', '/a/x'), { require: { roles: ['a'] }, bodyLimit: 1 });
  assert.deepEqual(routes.find('POST', '/a/x'), { require: { roles: ['a'] }, bodyLimit: 2 });
  assert.deepEqual(routes.find('GET', '/a/b/c'), {
    require: { roles: ['a', 'star', 'b'] },
    bodyLimit: 1,
    ownErrors: true,
  });
});

test('takes memory for what the policy says only, however many paths are asked for', () => {
  const routes = table({ '/**': signedIn, '/*': operator });
  for (let index = 0; index < 10_000; index += 1) assert.deepEqual(routes.find('GET', `/${index}`), operator);
});

test('a more specific route that asks for more still asks for what the wider one does', () => {
  const routes = table({
    '/admin/**': { require: { roles: ['admin'], mfa: true } },
    'POST /admin/users': { require: { freshMs: 1000 } },
    '/admin/notes': signedIn,
    'GET /admin/export': { require: { scopes: ['export'] } },
    '/admin/help': { require: 'anyone' },
  });
  assert.deepEqual(routes.find('POST', '/admin/users').require, {
    roles: ['admin'],
    mfa: true,
    freshMs: 1000,
  });
  assert.deepEqual(routes.find('GET', '/admin/notes').require, { roles: ['admin'], mfa: true });
  assert.deepEqual(routes.find('GET', '/admin/export').require, {
    roles: ['admin'],
    mfa: true,
    scopes: ['export'],
  });
  assert.equal(routes.find('GET', '/admin/help').require, 'anyone');
});

test('knows whether any route asks for more than anyone', () => {
  assert.ok(table({ '/a': signedIn }).restricts);
  assert.ok(!table({ '/a': { require: 'anyone' }, '/b': { bodyLimit: 1 } }).restricts);
});

test('roles and scopes add up, and the shorter freshness holds, whichever pattern asks for it', () => {
  const routes = table({
    '/admin/**': { require: { roles: ['admin'], freshMs: 900_000, scopes: ['admin'] } },
    '/admin/billing/**': { require: { roles: ['billing'], freshMs: 86_400_000 } },
    'POST /admin/billing/refund': { require: { mfa: true, freshMs: 60_000, scopes: ['refund'] } },
  });
  assert.deepEqual(routes.find('GET', '/admin/billing').require, {
    roles: ['admin', 'billing'],
    freshMs: 900_000,
    scopes: ['admin'],
  });
  assert.deepEqual(routes.find('POST', '/admin/billing/refund').require, {
    roles: ['admin', 'billing'],
    mfa: true,
    freshMs: 60_000,
    scopes: ['admin', 'refund'],
  });
});

const MEMBERS = { require: { roles: ['member'] } } as const;

test("a page's rules hold for its data, which has an address of its own in many frameworks", () => {
  const routes = table({
    '/account/**': MEMBERS,
    '/': { require: { roles: ['home'] } },
    'POST /shop': { require: { mfa: true } },
  });
  for (const path of [
    '/account.data',
    '/ACCOUNT.DATA',
    '/account/_.data',
    '/account/mail.data',
    '/account/__data.json',
    '/account/_payload.json',
    '/account/_payload.4f2a.json',
    '/account/_payload.js',
    '/account/q-data.json',
    '/account.rsc',
    '/account/index.pageContext.json',
    '/_next/data/x1/account.json',
    '/_next/data/x1/en/account/mail.json',
  ]) {
    assert.deepEqual(routes.find('GET', path).require, MEMBERS.require, path);
  }
  for (const path of [
    '/_root.data',
    '/_.data',
    '/__data.json',
    '/_payload.json',
    '/q-data.json',
    '/_root.rsc',
    '/index.pageContext.json',
    '/_next/data/x1/index.json',
    '/_next/data/x1/en.json',
  ]) {
    assert.deepEqual(routes.find('GET', path).require, { roles: ['home'] }, path);
  }
  assert.deepEqual(routes.find('POST', '/shop.data').require, { mfa: true });
  assert.equal(routes.find('GET', '/shop.data').require, undefined);
  assert.equal(routes.find('GET', '/accounts.data').require, undefined);
});

test('the data of an open page is opened by a line of its own, or with the page once the policy names the framework', () => {
  const rules = {
    '/**': MEMBERS,
    '/login': { require: 'anyone' },
    '/news/**': { require: 'anyone' },
    '/news/:id': MEMBERS,
  } as const;
  const unnamed = table(rules);
  assert.deepEqual(unnamed.find('GET', '/login.data').require, MEMBERS.require);
  assert.equal(
    table({ ...rules, '/login.data': { require: 'anyone' } }).find('GET', '/login.data').require,
    'anyone',
  );
  const named = table(rules, undefined, ['react-router', 'sveltekit']);
  assert.equal(named.find('GET', '/login.data').require, 'anyone');
  assert.equal(named.find('GET', '/login/__data.json').require, 'anyone');
  // It is no note, though the pattern of notes holds for its path.
  assert.equal(named.find('GET', '/news/__data.json').require, 'anyone');
  assert.deepEqual(named.find('GET', '/news/7.data').require, MEMBERS.require);
  for (const raw of ['/LOGIN.data', '/l%6fgin.data', '/login.DATA', '/login/_payload.json'])
    assert.deepEqual(named.find('GET', decodeURIComponent(raw), raw).require, MEMBERS.require, raw);
});

test('a file that ends like the data of a page has its own rules', () => {
  const routes = table({ '/files/**': { require: 'anyone' }, '/**': MEMBERS });
  assert.equal(routes.find('GET', '/files/report.data').require, 'anyone');
  assert.deepEqual(routes.find('GET', '/x.data').require, MEMBERS.require);
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
          pattern: { text: '', methods: undefined, segments, letters: segments },
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
