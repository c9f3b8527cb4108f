import assert from 'node:assert/strict';
import { test } from 'node:test';
import { additionsFor, needsOf, type OwnCode, type SeenViolation } from './advice.ts';
import { PAGE_DIRECTIVES } from './csp-builder.ts';
import { DIRECTIVE_NAMES, type Directives } from './csp-grammar.ts';

const HASH = "'sha256-4rD0tZ0bXy1Q5cAq0o2l8oQkE8M7pX3vU6rC2d1s0aA='";
const CODE: readonly OwnCode[] = [
  { directive: 'script-src', source: HASH, sample: 'start()', file: 'page.html' },
  { directive: 'script-src', source: undefined, sample: 'varies(', file: 'page.html' },
];

function violation(changes: Partial<SeenViolation>): SeenViolation {
  return {
    page: '/',
    directive: 'script-src-elem',
    blocked: 'inline',
    sample: '',
    source: '',
    line: undefined,
    count: 1,
    clients: 2,
    ...changes,
  };
}

/** What is to be named for it, or a word of what to do instead. */
function advised(changes: Partial<SeenViolation>, policy = PAGE_DIRECTIVES): string {
  const [need] = needsOf([violation(changes)], policy, CODE);
  return need?.source === undefined ? (need?.word ?? '') : `${need.directive} ${need.source}`;
}

test('names the tightest source there is, and never one that lets in what anybody writes', () => {
  assert.equal(advised({ sample: 'start()' }), `script-src ${HASH}`);
  assert.match(
    advised({ sample: 'varies(' }),
    /^in page\.html, with another text in each answer: give its tag the nonce/,
  );
  assert.match(advised({ sample: 'injected()' }), /^give its tag the nonce/);
  assert.match(advised({ directive: 'script-src-attr' }), /addEventListener/);
  assert.match(advised({ directive: 'style-src-attr' }), /a class/);
  assert.match(advised({ directive: 'style-src-elem' }), /<style nonce/);
  assert.match(advised({ directive: 'script-src', blocked: 'eval' }), /JSON\.parse/);
  assert.equal(advised({ directive: 'script-src', blocked: 'wasm-eval' }), "script-src 'wasm-unsafe-eval'");
  assert.match(
    advised({
      directive: 'require-trusted-types-for',
      blocked: 'trusted-types-sink',
      sample: 'Element innerHTML',
    }),
    /^Element innerHTML: textContent/,
  );
  assert.equal(
    advised({ directive: 'img-src', blocked: 'https://images.example' }),
    'img-src https://images.example',
  );
  assert.equal(advised({ directive: 'img-src', blocked: 'blob' }), 'img-src blob:');
  assert.equal(advised({ directive: 'media-src', blocked: '/a.mp3' }), "media-src 'self'");
  assert.match(advised({ directive: 'worker-src', blocked: 'blob' }), /is it yours\?.*script of anybody/);
  assert.match(
    advised({ directive: 'form-action', blocked: 'https://pay.example' }),
    /is it yours\?.*passwords/,
  );
  assert.match(
    advised({ directive: 'frame-ancestors', blocked: 'https://evil.example' }),
    /at its route, if they are to/,
  );
  assert.match(advised({ directive: 'object-src', blocked: 'https://a.example' }), /a frame or a link/);
  assert.match(advised({ directive: 'img-src', blocked: 'wasm-eval' }), /which script-src is about/);
  // What anybody may have made up becomes no line that says something else.
  for (const blocked of [
    "https://a', 'https://evil.example",
    'https://a;script-src',
    'https://a b.example',
    "x': ['*",
  ])
    assert.match(advised({ directive: 'img-src', blocked }), /did not say what it was/, blocked);
  // Of a directive that the policy names by itself, the narrow one is written.
  const narrow = { ...PAGE_DIRECTIVES, 'style-src-elem': ["'self'"] };
  assert.equal(
    advised({ directive: 'style-src-elem', blocked: 'https://fonts.example' }, narrow),
    'style-src-elem https://fonts.example',
  );
});

test('a script of this site may be of a page that a package writes: then its route has a line', () => {
  const ofPackage = /at its route alone: 'script-src': \["'self'"\]/;
  assert.match(advised({ blocked: '/docs/swagger-ui-bundle.js' }), ofPackage);
  assert.doesNotMatch(advised({ blocked: 'https://scripts.example' }), ofPackage);
});

test('a host that hands out script of anybody is named as one, and is not opened', () => {
  const blocked = 'https://cdnjs.cloudflare.com';
  assert.match(advised({ blocked }), /^if it is yours, give its tag the nonce .*\(cdnjs\.cloudflare\.com/);
  const byHost = { ...PAGE_DIRECTIVES, 'script-src': ["'self'"] };
  assert.match(advised({ blocked }, byHost), /^do not open it; its host is known .*\(cdnjs\.cloudflare\.com/);
  assert.match(advised({ blocked: 'https://scripts.example' }, byHost), /^is it yours\? .*would run/);
});

test('opens single pages at their routes, and what many pages need for all', () => {
  const frame = (page: string): SeenViolation =>
    violation({ directive: 'frame-src', blocked: 'https://player.example', page });
  const image = (page: string): SeenViolation =>
    violation({ directive: 'img-src', blocked: 'https://images.example', page });
  const pages = ['/', '/a', '/b', '/c'];
  const needs = needsOf(
    [frame('/p/:id'), ...pages.map(image), violation({ sample: 'start()', page: '/p/:id' })],
    PAGE_DIRECTIVES,
    CODE,
  );
  assert.deepEqual(additionsFor(needs, PAGE_DIRECTIVES), {
    site: {
      'img-src': ["'self'", 'data:', 'https://images.example'],
      'script-src': ["'nonce'", "'strict-dynamic'", HASH],
    },
    routes: { '/p/:id': { 'frame-src': ['https://player.example'] } },
  });
});

test('of one page that was looked at all is opened there, hashes too', () => {
  const needs = needsOf([violation({ sample: 'start()', page: '/docs' })], PAGE_DIRECTIVES, CODE);
  assert.deepEqual(additionsFor(needs, PAGE_DIRECTIVES, true), {
    site: {},
    routes: { '/docs': { 'script-src': ["'nonce'", "'strict-dynamic'", HASH] } },
  });
});

test('a route that names a directive has what the whole site needs too', () => {
  const seen = (blocked: string, page: string): SeenViolation =>
    violation({ directive: 'connect-src', blocked, page });
  const all = ['/', '/a', '/b', '/c'].map((page) => seen('https://stats.example', page));
  const needs = needsOf([...all, seen('https://api.example', '/pay')], PAGE_DIRECTIVES, []);
  const { site, routes } = additionsFor(needs, PAGE_DIRECTIVES);
  assert.deepEqual(site, { 'connect-src': ["'self'", 'https://stats.example'] });
  assert.deepEqual(routes, {
    '/pay': { 'connect-src': ["'self'", 'https://api.example', 'https://stats.example'] },
  });
});

test('what is not opened makes no line', () => {
  const needs = needsOf([violation({}), violation({ blocked: 'eval' })], PAGE_DIRECTIVES, []);
  assert.deepEqual([needs.length, additionsFor(needs, PAGE_DIRECTIVES)], [2, { site: {}, routes: {} }]);
});

/** Everything that browsers or whoever writes requests by hand may say was blocked. */
const BLOCKED = [
  'https://evil.example',
  'wss://evil.example',
  '/file',
  'https',
  'http',
  'wss',
  'ws',
  'ftp',
  'data',
  'blob',
  'filesystem',
  'self',
  'inline',
  'eval',
  'wasm-eval',
  'trusted-types-sink',
  'trusted-types-policy',
  '',
];
const HOSTS = ['https://evil.example', 'wss://evil.example'];
const SHOWN = [...HOSTS, "'self'", 'data:', 'blob:'];
const LINES: Readonly<Record<string, readonly string[]>> = {
  'default-src': [],
  'script-src': ["'wasm-unsafe-eval'"],
  'script-src-elem': [],
  'script-src-attr': [],
  'style-src': [...HOSTS, "'self'"],
  'style-src-elem': [...HOSTS, "'self'"],
  'style-src-attr': [],
  'img-src': SHOWN,
  'font-src': SHOWN,
  'connect-src': [...HOSTS, "'self'"],
  'media-src': SHOWN,
  'manifest-src': [...HOSTS, "'self'"],
  'worker-src': ["'self'"],
  'child-src': [],
  'frame-src': [...HOSTS, "'self'"],
  'object-src': [],
  'base-uri': [],
  'form-action': [],
  'frame-ancestors': [],
  sandbox: [],
  'trusted-types': [],
  'upgrade-insecure-requests': [],
};

test('of each directive no line is made but those that whoever reports may cause', () => {
  assert.deepEqual(Object.keys(LINES), DIRECTIVE_NAMES);
  for (const [directive, lines] of Object.entries(LINES)) {
    // A policy that names every directive by itself, and none of the nonce: so each is asked under its own name.
    const policy: Directives = Object.fromEntries(DIRECTIVE_NAMES.map((name) => [name, ["'none'"]]));
    const needs = BLOCKED.flatMap((blocked) =>
      needsOf([violation({ directive, blocked, sample: 'made up', clients: 30 })], policy, CODE),
    );
    assert.equal(needs.length, BLOCKED.length, directive);
    assert.deepEqual(
      needs.flatMap(({ source }) => source ?? []),
      lines,
      directive,
    );
    for (const { source, word } of needs) assert.ok(source !== undefined || word.length > 20, directive);
    const { site, routes } = additionsFor(needs, policy);
    assert.deepEqual(
      { site, routes },
      lines.length === 0 ? { site: {}, routes: {} } : { site: {}, routes: { '/': { [directive]: lines } } },
    );
  }
});
