import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, runRule, type Said, verdictOf } from '../../test/support/check-site.ts';
import { secretFilesRules } from './files.check.ts';

function look(id: string, files: Readonly<Record<string, Said>>, page = ''): Promise<readonly string[]> {
  const context = contextOf(
    ({ target = '/' }) => files[target] ?? (target === '/' ? { body: page } : { status: 404 }),
  );
  return verdictOf(secretFilesRules, id, context);
}

test('secrets.backup-served: a file by what is in it, whose content no report shows', async () => {
  const id = 'secrets.backup-served';
  assert.deepEqual(await look(id, {}), ['held']);
  assert.deepEqual(
    await look(id, {
      '/.env.local': { body: 'API_KEY=hunter2hunter2' },
      '/id_rsa': { body: '-----BEGIN OPENSSH PRIVATE KEY-----' },
    }),
    ['error', 'error'],
  );
  assert.deepEqual(
    await look(id, { '/app.py': { body: 'import os\nfrom flask import Flask\napp = Flask(__name__)' } }),
    ['error'],
  );
  assert.deepEqual(
    await look(
      id,
      { '/static/app.py': { body: 'from flask import Flask' } },
      '<link rel=stylesheet href=/static/a.css>',
    ),
    ['error'],
  );
  const everything = contextOf(() => ({ body: '<!doctype html>\nSECRET_KEY = 1' }));
  assert.deepEqual(await verdictOf(secretFilesRules, id, everything), ['held']);
  const context = contextOf(({ target }) =>
    target === '/.env.bak' ? { body: 'API_KEY=hunter2hunter2' } : { status: 404 },
  );
  assert.doesNotMatch(JSON.stringify(await runRule(secretFilesRules, id, context)), /hunter2/);
});

test('secrets.listing: a folder that a page loads from is listed', async () => {
  const id = 'secrets.listing';
  const page = '<link rel=stylesheet href=/static/a.css>';
  assert.deepEqual(await look(id, { '/static/': { body: '<title>Index of /static/</title>' } }, page), [
    'warning',
  ]);
  assert.deepEqual(await look(id, {}, page), ['held']);
  assert.deepEqual(await look(id, {}), ['not-seen']);
});

test('secrets.source-maps: a script that leads to its source', async () => {
  const id = 'secrets.source-maps';
  const page = '<script src=/a.js></script>';
  const script = (body: string): Said => ({ body, headers: ['Content-Type', 'text/javascript'] });
  // The type of a page comes first from this helper: a script has one of its own.
  const files = (map: Said): Record<string, Said> => ({
    '/a.js': script('1\n//# sourceMappingURL=a.js.map'),
    '/a.js.map': map,
  });
  assert.deepEqual(
    await look(id, files({ body: '{"version":3,"sources":["src/a.ts"],"mappings":"AAAA"}' }), page),
    ['note'],
  );
  assert.deepEqual(await look(id, files({ status: 404 }), page), ['held']);
  assert.deepEqual(await look(id, {}, ''), ['not-seen']);
});
