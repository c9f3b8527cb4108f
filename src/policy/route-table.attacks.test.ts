/** What other spellings of a path come to: those of case, escapes and slashes, and readings of empty segments. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { table } from '../../test/support/route-table.ts';
import type { RouteRules } from '../core/route-rules.ts';
import { RouteTable } from './route-table.ts';

const MEMBERS = { require: { roles: ['member'] } } as const;

test('what opens a path opens it letter by letter only', () => {
  const routes = table({ '/users/**': MEMBERS, '/users/demo': { require: 'anyone' } });
  assert.equal(routes.find('GET', '/users/demo').require, 'anyone');
  assert.equal(routes.find('HEAD', '/users/demo').require, 'anyone');
  for (const raw of [
    '/users/d%65mo',
    '/users//demo',
    '/users/DEMO',
    '/Users/demo',
    '/users/demo/',
    '/%75sers/demo',
    '/users/demo//',
  ]) {
    const path = decodeURIComponent(raw).replaceAll(/\/+/g, '/');
    assert.deepEqual(routes.find('GET', path, raw).require, MEMBERS.require, raw);
  }
});

test('what widens a path widens it letter by letter only: a size, a limit, plain http, error bodies, tokens', () => {
  const wide: RouteRules = { limit: limitOf('wide'), bodyLimit: 10, insecureHttp: false, require: {} };
  const narrow: RouteRules = {
    limit: limitOf('narrow'),
    bodyLimit: 50,
    insecureHttp: true,
    ownErrors: true,
    require: { scopes: ['upload'] },
  };
  const routes = table({ '/api/**': wide, 'POST /api/upload': narrow }, 20);
  const exact = routes.find('POST', '/api/upload');
  assert.deepEqual({ ...exact }, { ...wide, ...narrow });
  const loose = routes.find('POST', '/api/UPLOAD');
  const { furtherLimits, ...rest } = loose;
  // A limit that may be the higher one is counted beside the wider.
  assert.deepEqual(furtherLimits, [wide.limit]);
  assert.deepEqual(rest, { ...wide, limit: narrow.limit });
});

test('what narrows a path narrows it in every spelling', () => {
  const routes = table(
    { '/upload': { bodyLimit: 5, insecureHttp: false, ownErrors: false, ...MEMBERS } },
    20,
  );
  const rules = { bodyLimit: 5, insecureHttp: false, ownErrors: false, ...MEMBERS };
  for (const path of ['/upload', '/UPLOAD', '/upload/'])
    assert.deepEqual({ ...routes.find('GET', path) }, rules, path);
  const larger = table({ '/upload': { bodyLimit: 50 } }, 20);
  assert.deepEqual({ ...larger.find('POST', '/UPLOAD') }, {});
});

test('a pattern opens a wildcard for whatever stands there, a slash at the end as it is written, and letters as browsers send them', () => {
  const open = { require: 'anyone' } as const;
  const routes = table({
    '/**': MEMBERS,
    '/static/**': open,
    '/users/:id/face': open,
    '/docs/': open,
    '/caf\u00e9': open,
    '/Read-Me': open,
  });
  const opened = [
    '/static',
    '/static/',
    '/static/a%20b',
    '/static//x',
    '/users/7/face',
    '/users/%37/face',
    '/docs/',
    '/caf%C3%A9',
    '/Read-Me',
  ];
  const closed = [
    '/docs',
    '/users//face',
    '/users/7/face/',
    '/static.css',
    '/Static/x',
    '/caf%c3%a9',
    '/read-me',
  ];
  for (const raw of [...opened, ...closed]) {
    const path = decodeURIComponent(raw).replaceAll(/\/+/g, '/');
    const { require } = routes.find('GET', path, raw);
    assert.deepEqual(require, opened.includes(raw) ? 'anyone' : MEMBERS.require, raw);
  }
});

test('where a router may take an empty segment for a parameter, the rules of both readings hold (Fastify)', () => {
  const routes = table({
    '/notes': { require: { roles: ['list'] } },
    '/notes/:id': { require: { roles: ['note'] } },
    '/accounts/:account/files/:file': { require: { roles: ['file'] } },
    '/:page': { require: { roles: ['page'] } },
    '/:page/open': { require: 'anyone' },
    '/caf\u00e9/:id': { require: { roles: ['cafe'] } },
  });
  const rolesOf = (raw: string, emptyParameters = true): readonly string[] | undefined => {
    const path = decodeURIComponent(raw).replaceAll(/\/+/g, '/');
    const { require } = routes.find('GET', path, raw, emptyParameters);
    return typeof require === 'object' ? require.roles?.toSorted() : undefined;
  };
  assert.deepEqual(rolesOf('/notes/'), ['list', 'note', 'page']);
  assert.deepEqual(rolesOf('/notes/', false), ['list', 'page']);
  assert.deepEqual(rolesOf('/'), ['page']);
  assert.deepEqual(rolesOf('/accounts//files/17'), ['file']);
  assert.deepEqual(rolesOf('/accounts///files/'), ['file']);
  assert.deepEqual(rolesOf('/accounts//files'), undefined);
  assert.deepEqual(rolesOf('/caf%c3%a9/'), ['cafe', 'page']);
  // Nobody can have written it letter by letter.
  assert.notEqual(routes.find('GET', '/open', '//open', true).require, 'anyone');
});

test('a pattern that names a path with an empty segment is the narrowest that there is for it', () => {
  const routes = table({
    '/': { require: 'anyone' },
    '/:page': MEMBERS,
    '/docs/': { require: 'anyone' },
    '/docs/:id': MEMBERS,
  });
  assert.equal(routes.find('GET', '/', '/', true).require, 'anyone');
  assert.equal(routes.find('GET', '/docs/', '/docs/', true).require, 'anyone');
  assert.deepEqual(routes.find('GET', '/docs', '/docs', true).require, MEMBERS.require);
});

test('a path of slashes is read at once, though its empty segments can be chosen in more ways than there are atoms', () => {
  const routes = table({ [`/${':a/'.repeat(12)}x`]: MEMBERS, [`/${':a/'.repeat(11)}y/**`]: MEMBERS });
  const raw = `/a${'/'.repeat(8000)}x${'/'.repeat(100)}`;
  assert.deepEqual(routes.find('GET', '/a/x/', raw, true).require, MEMBERS.require);
});

function limitOf(id: string): NonNullable<RouteRules['limit']> {
  return { rate: { count: 1, windowMs: 1000 }, by: ['client'], accountField: 'email', id };
}

/** Every way to read a path in which an empty segment is none, or one. */
function readingsOf([first, ...rest]: readonly string[]): readonly (readonly string[])[] {
  if (first === undefined) return [[]];
  const others = readingsOf(rest);
  const kept = others.map((one) => [first, ...one]);
  return first === '' ? [...kept, ...others] : kept;
}

/** Whether a pattern holds for segments, of which an empty one is what a `*` stands for. */
function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  const rest = pattern.at(-1) === '**';
  const fixed = rest ? pattern.slice(0, -1) : pattern;
  if (rest ? segments.length < fixed.length : segments.length !== fixed.length) return false;
  return fixed.every((segment, index) => segment === '*' || segment === segments[index]);
}

test('finds every pattern that holds in some reading of empty segments, and no other', () => {
  const segment = fc.constantFrom<string>('a', 'b', '*');
  const pattern = fc
    .tuple(fc.array(segment, { maxLength: 4 }), fc.boolean())
    .map(([segments, rest]) => segments.concat(rest ? ['**'] : []));
  const path = fc.array(fc.constantFrom('', '', 'a', 'b'), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 6 }), path, (patterns, segments) => {
      const rules = patterns.map((_, index) => ({ require: { roles: [String(index)] } }));
      const routes = new RouteTable(
        patterns.map((one, index) => ({
          pattern: { text: '', methods: undefined, segments: one, letters: one },
          rules: rules[index] ?? {},
        })),
      );
      const raw = `/${segments.join('/')}`;
      const { require } = routes.find('GET', raw.replaceAll(/\/+/g, '/'), raw, true);
      const found = typeof require === 'object' ? (require.roles ?? []) : [];
      const readings = readingsOf(segments);
      const expected = patterns.flatMap((one, index) =>
        readings.some((reading) => matches(one, reading)) ? [String(index)] : [],
      );
      assert.deepEqual(found.toSorted(), expected.toSorted(), raw);
    }),
    { numRuns: 2000 },
  );
});

test('no spelling opens what its own letters do not open', () => {
  const spelling = fc.constantFrom(
    '/a',
    '/A',
    '/%61',
    '//a',
    '/b',
    '/a/',
    '/a/b',
    '/a/%62',
    '/a//b',
    '/b/a/',
    '/',
    '/a/B',
  );
  const key = fc.constantFrom('/', '/a', '/a/b', '/:x', '/a/:x', '/a/**', '/b/', '/**', '/:x/b');
  const require = fc.constantFrom<NonNullable<RouteRules['require']>>('anyone', { roles: ['x'] });
  fc.assert(
    fc.property(fc.dictionary(key, require), spelling, fc.boolean(), (rules, raw, emptyParameters) => {
      const routes = table(
        Object.fromEntries(Object.entries(rules).map(([text, one]) => [text, { require: one }])),
      );
      const path = decodeURIComponent(raw).replaceAll(/\/+/g, '/');
      if (routes.find('GET', path, raw, emptyParameters).require !== 'anyone') return;
      const opens = Object.entries(rules).some(([text, one]) => one === 'anyone' && isWrittenSo(text, raw));
      assert.ok(opens, `${JSON.stringify(rules)} ${raw}`);
    }),
    { numRuns: 3000 },
  );
});

/** Whether a path is what a pattern says, letter by letter. */
function isWrittenSo(pattern: string, raw: string): boolean {
  const expression = pattern.replace(/\/\*\*$/, '(?:/.*)?').replaceAll(/:x/g, '[^/]+');
  return new RegExp(`^${expression}$`).test(raw);
}
