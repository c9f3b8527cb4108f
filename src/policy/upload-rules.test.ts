import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteRules } from '../core/route-rules.ts';
import { Problems } from '../core/problems.ts';
import { readRoutes } from './route.options.ts';

const MB = 1024 ** 2;

function rulesOf(routes: unknown, raw = '/files'): RouteRules {
  const problems = new Problems('production');
  const table = readRoutes(routes, problems);
  problems.throwIfAny();
  return table.find('POST', '/files', raw);
}

test('a route that takes files takes a body of their size, unless it says another one', () => {
  const upload = { types: ['image/png'], size: '3MB', files: 5 };
  const rules = rulesOf({ 'POST /files': { upload } });
  assert.deepEqual(rules.upload, {
    types: ['image/png'],
    size: 3 * MB,
    files: 5,
    total: 15 * MB,
    store: false,
  });
  assert.equal(rules.bodyLimit, 17 * MB);
  assert.equal(rulesOf({ 'POST /files': { upload: { ...upload, total: '4MB' } } }).bodyLimit, 6 * MB);
  assert.equal(rulesOf({ 'POST /files': { upload, bodyLimit: '1MB' } }).bodyLimit, MB);
});

test('a rule without types, with one that nobody knows, or for forms that are not read is refused', () => {
  for (const [upload, words] of [
    [{}, /upload: it must be an object with the types that are taken/],
    [{ types: [] }, /an object with the types/],
    [{ types: ['image/svg+xml'] }, /upload\.types: it must be one of 'image\/png'/],
    [{ types: ['image/png'], store: 'resume' }, /upload\.store: it must be true, false or 'resumable'/],
    [{ types: ['image/png'], sise: '1MB' }, /did you mean .*upload\.size\?/],
  ] as const)
    assert.throws(() => rulesOf({ 'POST /files': { upload } }), words);
  const both = { upload: { types: ['image/png'] }, form: 'any' };
  assert.throws(() => rulesOf({ 'POST /files': both }), /\.form: a form that is not read/);
});

test('one mistake in it is told once', () => {
  const problems = new Problems('production');
  readRoutes({ 'POST /files': { upload: { types: ['png'] } } }, problems);
  assert.deepEqual(
    problems.errors.map(({ option }) => option),
    ["routes['POST /files'].upload.types"],
  );
});

test('what a route takes of files holds for every spelling of its path, and is widened for none', () => {
  const wide = { upload: { types: ['image/png'] } };
  const narrow = { upload: { types: ['application/zip'] } };
  assert.deepEqual(rulesOf({ 'POST /files': wide }, '/f%69les').upload?.types, ['image/png']);
  const both = { '/**': wide, 'POST /files': narrow };
  assert.deepEqual(rulesOf(both).upload?.types, ['application/zip']);
  assert.deepEqual(rulesOf(both, '/f%69les').upload?.types, ['image/png']);
});
