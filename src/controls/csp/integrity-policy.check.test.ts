import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, verdictOf } from '../../../test/support/check-site.ts';
import { integrityPolicyRules } from './integrity-policy.check.ts';

function look(headers: readonly string[], body = '<title>Front</title>'): Promise<readonly string[]> {
  return verdictOf(
    integrityPolicyRules,
    'csp.integrity-policy',
    contextOf(() => ({ headers, body })),
  );
}

const NAME = 'Integrity-Policy';
const GOOD = 'blocked-destinations=(script)';

test('csp.integrity-policy: one that does something, and one that only looks like it', async () => {
  assert.deepEqual(await look([NAME, GOOD]), ['held']);
  assert.deepEqual(await look([NAME, `${GOOD}, sources=(inline)`]), ['held']);
  assert.deepEqual(await look([`${NAME}-Report-Only`, 'blocked-destinations=(script style)']), ['held']);
  assert.deepEqual(await look([NAME, 'blocked-destinations=script']), ['warning']);
  assert.deepEqual(await look([NAME, 'blocked-destinations=(style)']), ['warning']);
  assert.deepEqual(await look([NAME, `${GOOD}, sources=(header)`]), ['warning']);
  assert.deepEqual(await look([]), ['not-seen']);
});

test('csp.integrity-policy: a script that it blocks, and an endpoint that nobody names', async () => {
  const script = '<script src=/a.js></script>';
  assert.deepEqual(await look([NAME, GOOD], script), ['note']);
  assert.deepEqual(await look([`${NAME}-Report-Only`, GOOD], script), ['held']);
  assert.deepEqual(await look([NAME, GOOD], '<script src=/a.js integrity=sha384-AAAA></script>'), ['held']);
  assert.deepEqual(await look([NAME, GOOD], '<script>1</script>'), ['held']);
  const reports = [NAME, `${GOOD}, endpoints=(here)`];
  assert.deepEqual(await look(reports), ['note']);
  assert.deepEqual(await look([...reports, 'Reporting-Endpoints', 'here="/r"']), ['held']);
});
