import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, runRule, type Said, verdictOf } from '../../test/support/check-site.ts';
import { secretsRules } from './secrets.check.ts';

const DOTENV = 'secrets.dotenv-served';
const GIT = 'secrets.repository-served';

function verdict(id: string, said: Said): Promise<readonly string[]> {
  return verdictOf(
    secretsRules,
    id,
    contextOf(() => said),
  );
}

test('finds a served .env, and quotes names but no values', async () => {
  const said = { body: '# x\nDATABASE_URL=postgres://u:pw@h\nAPI_KEY=abc\n' };
  const outcome = await runRule(
    secretsRules,
    DOTENV,
    contextOf(() => said),
  );
  assert.ok(outcome.outcome === 'fell-short');
  assert.match(outcome.faults[0].evidence, /DATABASE_URL, API_KEY/);
  assert.ok(!outcome.faults[0].evidence.includes('pw'));
});

test('takes a page or a refusal for no .env', async () => {
  for (const said of [
    { status: 404, body: 'A=1' },
    { body: '' },
    { body: '<!doctype html>\n<script>\nFOO=1\n</script>' },
    { body: 'welcome' },
  ]) {
    assert.deepEqual(await verdict(DOTENV, said), ['held']);
  }
});

test('finds a served repository', async () => {
  assert.deepEqual(await verdict(GIT, { body: 'ref: refs/heads/main\n' }), ['error']);
  assert.deepEqual(await verdict(GIT, { body: `${'a'.repeat(40)}\n` }), ['error']);
  assert.deepEqual(await verdict(GIT, { body: '<!doctype html>' }), ['held']);
  assert.deepEqual(await verdict(GIT, { status: 403, body: 'ref: refs/heads/main' }), ['held']);
});

test('an error of the server and the way to another address show nothing', async () => {
  for (const id of [DOTENV, GIT]) {
    assert.deepEqual(await verdict(id, { status: 502 }), ['not-seen']);
    assert.deepEqual(
      await verdict(id, { status: 301, headers: ['Location', 'https://www.files.example/.env'] }),
      ['not-seen'],
    );
  }
});
