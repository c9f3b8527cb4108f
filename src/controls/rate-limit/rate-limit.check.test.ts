import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../../core/finding.ts';
import { rateLimitRules } from './rate-limit.check.ts';

const LIMITED = ['RateLimit-Policy', '"default";q=200;w=60', 'RateLimit', '"default";r=199;t=1'];

/** What each rule finds in an answer, in words. */
function findings(rawHeaders: readonly string[], status = 200): readonly string[] {
  const seen: Observation = { method: 'GET', url: 'https://example.com/', status, rawHeaders, body: '' };
  const [rule] = rateLimitRules;
  return rule === undefined ? ['no rule'] : rule.check(seen).map((finding) => finding.message);
}

test('finds nothing where both fields are there', () => {
  assert.deepEqual(findings(LIMITED), []);
  assert.deepEqual(findings(LIMITED, 404), []);
});

test('finds answers without a limit, and fields that say nothing', () => {
  assert.equal(findings([]).length, 1);
  assert.equal(findings(LIMITED.slice(0, 2)).length, 1);
  assert.equal(findings(['RateLimit', '10', 'RateLimit-Policy', '10;w=60']).length, 1);
});

test('finds a 429 that does not say when to come back', () => {
  assert.equal(findings(LIMITED, 429).length, 1);
  assert.deepEqual(findings([...LIMITED, 'Retry-After', '3'], 429), []);
});

test('looks at a page and at a path that does not exist', () => {
  assert.deepEqual(
    rateLimitRules.map((rule) => [rule.id, rule.probe.target]),
    [
      ['rate.page', ''],
      ['rate.unknown-path', '/bulwark-check-no-such-path'],
    ],
  );
});
