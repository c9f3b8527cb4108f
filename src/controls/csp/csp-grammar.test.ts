import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import * as fc from 'fast-check';
import type { PolicyProblem } from '../../core/errors.ts';
import { Problems } from '../../core/problems.ts';
import { type Directives, directivesOnto } from './csp-grammar.ts';

const BASE: Directives = { 'script-src': ["'nonce'"], 'object-src': ["'none'"] };

/** Directives read onto {@link BASE}, and what was refused. */
function read(value: unknown): { directives: Directives; errors: readonly PolicyProblem[] } {
  const problems = new Problems('production');
  const directives = directivesOnto(BASE)(value, 'csp.directives', problems);
  return { directives, errors: problems.errors };
}

function accepts(directive: string, ...sources: string[]): void {
  assert.deepEqual(read({ [directive]: sources }), {
    directives: { ...BASE, [directive]: sources },
    errors: [],
  });
}

/** One source refused, with a fix that matches. */
function refuses(directive: string, source: unknown, fix: RegExp): void {
  const { directives, errors } = read({ [directive]: [source] });
  assert.equal(errors.length, 1, `${directive} ${String(source)}`);
  assert.equal(errors[0]?.option, `csp.directives.${directive}[0]`);
  assert.match(errors[0].fix, fix);
  assert.deepEqual(directives, BASE);
}

/** The fix for a directive of this name. */
function fixOf(name: string): string {
  return read({ [name]: ["'none'"] }).errors[0]?.fix ?? '';
}

test('past failure 18: naming one directive leaves every other as it is', () => {
  assert.deepEqual(read({ 'img-src': ['data:'] }).directives, { ...BASE, 'img-src': ['data:'] });
  assert.deepEqual(read({ 'script-src': ["'self'"] }).directives, { ...BASE, 'script-src': ["'self'"] });
});

test('past failure 18: no value takes a directive away', () => {
  for (const nothing of [false, null, undefined, '', "'none'", {}, [], [undefined]]) {
    const { directives, errors } = read({ 'object-src': nothing });
    assert.equal(errors.length, 1, JSON.stringify(nothing));
    assert.deepEqual(directives, BASE);
  }
});

test('accepts every kind of source', () => {
  accepts('script-src', "'self'", "'nonce'", "'strict-dynamic'", "'wasm-unsafe-eval'", "'report-sample'");
  accepts(
    'script-src',
    `'sha256-${'a'.repeat(43)}='`,
    `'sha384-${'b'.repeat(64)}'`,
    `'sha512-${'_'.repeat(86)}=='`,
  );
  accepts(
    'img-src',
    '*',
    'data:',
    'blob:',
    'https:',
    'cdn.example',
    '*.cdn.example',
    'https://cdn.example:8443',
  );
  accepts(
    'img-src',
    'https://cdn.example/a/b.png',
    'cdn.example:*',
    'localhost:3000',
    'https://[::1]:3000',
    '127.0.0.1',
  );
  accepts('connect-src', 'wss://live.example');
  accepts('sandbox', 'allow-forms', 'allow-scripts');
  accepts('sandbox');
  accepts('trusted-types', 'default', 'dompurify', "'allow-duplicates'");
  accepts('trusted-types', "'none'");
  accepts('upgrade-insecure-requests');
});

test('refuses what would start another source, directive or policy', () => {
  for (const source of [
    "'self' https:",
    "'self'; script-src *",
    "'self', x",
    'https://a.example/;script-src',
    'https://a.example/,b',
    'a\r\nb',
    'a\tb',
    'a\0',
    'caf\u00e9.example',
    '',
    7,
    null,
  ]) {
    refuses('img-src', source, /one entry for each source/);
  }
});

test('catches keywords that miss their quotes, which browsers take for hosts', () => {
  refuses('img-src', 'self', /"'self'"/);
  refuses('img-src', 'NONE', /"'none'"/);
  refuses('script-src', 'unsafe-inline', /"'unsafe-inline'"/);
  refuses('script-src', 'strict-dynamic', /"'strict-dynamic'"/);
  refuses('script-src', 'nonce', /"'nonce'"/);
  refuses('script-src', 'sha256-abc', /"'sha256-...'"/);
});

test('past failure 3: refuses a nonce that is written down', () => {
  for (const source of ["'nonce-abc'", 'nonce-abc', "'nonce-'", "'NONCE-r4nd0m'"]) {
    refuses('script-src', source, /"'nonce'"/);
    refuses('img-src', source, /"'nonce'"/);
  }
});

test('refuses keywords where they mean nothing', () => {
  refuses('img-src', "'nonce'", /one of/);
  refuses('img-src', "'unsafe-inline'", /one of/);
  refuses('style-src', "'strict-dynamic'", /one of/);
  refuses('frame-ancestors', "'strict-dynamic'", /one of/);
  refuses('script-src', "'sefl'", /one of/);
  refuses('script-src', "'sha256-abc'", /one of/);
  refuses('sandbox', "'self'", /one of/);
  refuses('upgrade-insecure-requests', "'self'", /empty/);
});

test('refuses what is no host', () => {
  for (const source of [
    'https://',
    'a..b',
    '-a.example',
    'a.*.example',
    '*a.example',
    'a.example:x',
    '//a.example',
    'https://a.example?x',
    'a.example#x',
    'https://u@a.example',
    '"a"',
  ]) {
    refuses('img-src', source, /one of/);
  }
});

test('refuses none beside others, and inline beside a nonce: browsers ignore one of the two', () => {
  assert.match(read({ 'img-src': ["'none'", "'self'"] }).errors[0]?.reason ?? '', /ignored/);
  assert.match(read({ 'style-src': ["'nonce'", "'unsafe-inline'"] }).errors[0]?.reason ?? '', /ignore/);
});

test('refuses a directive that does not exist and names the nearest', () => {
  assert.match(fixOf('img-scr'), /img-src/);
  assert.match(fixOf('scriptSrc'), /script-src/);
  assert.match(fixOf('frame-ancestor'), /frame-ancestors/);
  assert.match(fixOf('__proto__x'), /known here/);
  assert.match(fixOf('report-uri'), /report: /);
  assert.match(fixOf('require-trusted-types-for'), /trustedTypes/);
});

test('reports every problem at once', () => {
  const { errors } = read({ 'img-src': ['self', 'a b'], nope: [], 'object-src': null });
  assert.deepEqual(
    errors.map((error) => error.option),
    [
      'csp.directives.img-src[0]',
      'csp.directives.img-src[1]',
      'csp.directives.nope',
      'csp.directives.object-src',
    ],
  );
});

test('whatever is written, what is accepted holds no character that starts something else', () => {
  const piece = fc.constantFrom(
    "'self'",
    "'none'",
    "'nonce'",
    'https:',
    '//',
    'a.example',
    '*',
    '.',
    ':',
    '/',
    ';',
    ',',
    ' ',
    '\n',
    '"',
    '\u00e9',
    'x',
  );
  const source = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(
      fc.constantFrom('script-src', 'img-src', 'sandbox', 'trusted-types'),
      fc.array(source),
      (name, sources) => {
        for (const accepted of read({ [name]: sources }).directives[name] ?? []) {
          assert.match(accepted, /^[!-~]+$/);
          assert.doesNotMatch(accepted, /[;,"\\]/);
        }
      },
    ),
  );
});

test('reads a long hostile source in linear time', () => {
  const started = performance.now();
  for (const source of [
    `${'a.'.repeat(50_000)}!`,
    `${'a-'.repeat(50_000)}!`,
    `https://${'*.'.repeat(50_000)}`,
  ]) {
    assert.equal(read({ 'img-src': [source] }).errors.length, 1);
  }
  assert.ok(performance.now() - started < HANG_MS);
});
