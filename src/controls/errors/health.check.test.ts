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

test('errors.health: what looks like the inside, and is nothing of it', async () => {
  for (const [body, ...levels] of [
    // A time of day is no place in a file.
    ['{"message":"db at 5 ms, checked at 10:02:33"}', 'held'],
    ['updated at 2026-12-01 02:41:21', 'held'],
    ['looked at (2026/12/01 02:41:21)', 'held'],
    ['Error: down\\n    at async /app/bin.mjs:12:7', 'warning'],
    ['Error: down\\n    at Server.<anonymous> (/app/bin/www:12:7)', 'warning'],
    ['Error: down\\n    at node:internal/main/run_main:12:7', 'warning'],
    // What hides a password, or stands for one.
    ['{"db":"postgres://app:***@db/files"}', 'warning'],
    ['{"db":"postgres://app:<password>@db/files"}', 'warning'],
    ['{"help":"redis://user:password@host:port"}', 'held'],
    ['{"shown":"redis://a:***@db","real":"redis://a:hunter2@db"}', 'error'],
    ['{"db":"postgres://app:xhunter2@db/files"}', 'error'],
    // Addresses of pages.
    ['{"links":["/home/news","/data/today"],"routes":{"/app/":"ok"}}', 'held'],
    ['{"diskSpace":{"path":"/app/."}}', 'warning'],
    ['{"store":"/data/files.sqlite"}', 'warning'],
    // The asker, and a release.
    ['{"client":"::ffff:10.1.2.3","build":"10.20.30.40"}', 'held'],
    ['{"client":"10.1.2.3","store":"10.1.2.4"}', 'warning'],
    ['{"pid":null,"hostname":"","platform":"web"}', 'held'],
    ['{"pid": 412}', 'note'],
    ['{"platform":"linux"}', 'note'],
  ] as const)
    assert.deepEqual(await look(body), levels, body);
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
