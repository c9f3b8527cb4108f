import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, runRule } from '../../../test/support/check-site.ts';
import { healthRules } from './health.check.ts';

/** What is said of a site whose probe answers so. */
async function look(body: string, status = 200, type = 'application/json'): Promise<readonly string[]> {
  const context = contextOf(() => ({ status: 404 }));
  const typed: typeof context = {
    ...context,
    async askOnce(probe = {}) {
      const answer = await context.ask(probe);
      return probe.target === '/health'
        ? { ...answer, status, body, rawHeaders: ['Content-Type', type] }
        : answer;
    },
  };
  const outcome = await runRule(healthRules, 'errors.health', typed);
  assert.doesNotMatch(JSON.stringify(outcome), /hunter2|192\.168|\/srv\/files/, 'no value is in a report');
  return outcome.outcome === 'fell-short' ? outcome.faults.map(({ level }) => level) : [outcome.outcome];
}

test('errors.health: a probe that tells of the inside', async () => {
  assert.deepEqual(await look('{"db":"postgres://app:hunter2@db/files"}'), ['error']);
  assert.deepEqual(await look('{"db":"redis://cache:6379"}', 503), ['warning']);
  assert.deepEqual(await look('Error: down\n    at check (/srv/files/db.js:12:7)', 503, 'text/plain'), [
    'warning',
  ]);
  assert.deepEqual(await look('{"upstream":"192.168.4.20:8080"}'), ['warning']);
  assert.deepEqual(await look('{"diskSpace":{"path":"/srv/files/."}}'), ['warning']);
  assert.deepEqual(await look('{"hostname":"web-3"}'), ['note']);
});

test('errors.health: what is up, or how old it is, tells nobody what it runs on', async () => {
  for (const body of [
    '',
    'ok',
    '{"status":"UP"}',
    '{"status":"ok","version":"10.2.0.1","uptime":192.5,"at":"2026-01-01T10:20:30:40"}',
  ])
    assert.deepEqual(await look(body), ['held'], body);
  assert.deepEqual(await look('{"status":"down","checks":{"database":"down"}}', 503), ['held']);
  assert.deepEqual(await look('{"hostname":"web-3"}', 404), ['not-seen']);
  // A page for everything is no probe.
  assert.deepEqual(await look('<title>hostname</title>', 200, 'text/html'), ['not-seen']);
});
