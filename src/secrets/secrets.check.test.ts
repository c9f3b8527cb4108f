import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../core/finding.ts';
import { secretsRules } from './secrets.check.ts';

function seen(status: number, body: string): Observation {
  return { method: 'GET', url: 'https://example.com/', status, rawHeaders: [], body };
}

function findings(id: string, observation: Observation): readonly { evidence: string }[] {
  return secretsRules.find((rule) => rule.id === id)?.check(observation) ?? assert.fail(id);
}

test('finds a served .env, and quotes names but no values', () => {
  const [finding] = findings(
    'secrets.dotenv-served',
    seen(200, '# x\nDATABASE_URL=postgres://u:pw@h\nAPI_KEY=abc\n'),
  );
  assert.match(finding?.evidence ?? '', /DATABASE_URL, API_KEY/);
  assert.ok(!finding?.evidence.includes('pw'));
});

test('takes a page or a refusal for no .env', () => {
  for (const observation of [
    seen(404, 'A=1'),
    seen(200, ''),
    seen(200, '<!doctype html>\n<script>\nFOO=1\n</script>'),
    seen(200, 'welcome'),
  ]) {
    assert.deepEqual(findings('secrets.dotenv-served', observation), []);
  }
});

test('finds a served repository', () => {
  assert.equal(findings('secrets.repository-served', seen(200, 'ref: refs/heads/main\n')).length, 1);
  assert.equal(findings('secrets.repository-served', seen(200, `${'a'.repeat(40)}\n`)).length, 1);
  assert.deepEqual(findings('secrets.repository-served', seen(200, '<!doctype html>')), []);
  assert.deepEqual(findings('secrets.repository-served', seen(403, 'ref: refs/heads/main')), []);
});
