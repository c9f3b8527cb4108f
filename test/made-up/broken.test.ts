/** The suites of `bulwark/testing` see what is wrong: each is run over something with one thing wrong, and says so. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { guardConformance, holds, manualClock, recordingAudit } from '../../src/testing/testing.ts';

const BROKEN = join(import.meta.dirname, 'broken-additions.ts');

/** By what is wrong: the tests that fail, as their names begin. */
const SEEN: Readonly<Record<string, RegExp>> = {
  'a guard that refuses nobody': /not ok \d+ - enforce: stopped: what is bad/,
  'a guard that refuses everybody': /not ok \d+ - enforce: passes: what is good/,
  'a guard that acts beside its verdict':
    /not ok \d+ - observe: counted and told, and nothing is changed: what is bad/,
  'a guard whose event nobody declared': /its events are declared/,
  'a host that has its own policy': /not ok \d+ - it is under the policy that it is given/,
  'a host that takes one visitor for another': /not ok \d+ - whoever signs in is known by their cookie/,
  'a host without a layer': /not ok \d+ - another site posts a form/,
  'a control that holds nothing': /not ok \d+ - is seen to fail: without it/,
};

describe('what the suites see', { concurrency: 2 }, () => {
  for (const [what, seen] of Object.entries(SEEN)) {
    test(what, async () => {
      const options = ['--conditions=bulwark-source', '--test-reporter=tap', BROKEN, what];
      const child = spawn(process.execPath, options, {
        stdio: ['ignore', 'pipe', 'ignore'],
        // Whoever runs these tests has told Node.js that it is a test, and a test of a test reports otherwise.
        env: { PATH: process.env['PATH'] },
      });
      const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      assert.match(output, seen);
      assert.equal(code, 1);
    });
  }
});

test('nothing is tried where there is nothing to stop, or nothing to pass, or nothing is off', () => {
  const guard = { name: 'own', onRequest: () => undefined };
  const stops = { a: { asked: {}, holds: 403 } };
  assert.throws(() => guardConformance(() => ({ after: 'session', guard }), { stops: {}, passes: {} }), {
    code: 'ERR_BULWARK_INVALID_ARGUMENT',
    message: /cases\.stops: it is empty/,
  });
  assert.throws(() => guardConformance(() => ({ after: 'session', guard }), { stops, passes: {} }), {
    message: /cases\.passes: it is empty/,
  });
  const sides = { on: { a: () => ({}) }, off: {}, check: () => undefined, seen: /a/ };
  assert.throws(() => holds('a fact', sides), { message: /sides\.off: it is empty/ });
});

test('a clock goes on as it is told, and a log keeps what it is told', () => {
  const { now, pass } = manualClock(5);
  pass(10);
  assert.equal(now(), 15);
  const log = recordingAudit();
  const event = {
    time: '',
    level: 'info',
    event: 'authn_login_success',
    outcome: 'success',
    service: 'app',
  } as const;
  log.sink('', event);
  log.sink('', { ...event, event: 'csrf_rejected' });
  assert.equal(log.events.length, 2);
  assert.deepEqual(
    log.named('csrf_rejected').map(({ event: name }) => name),
    ['csrf_rejected'],
  );
});
