import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, type RawAnswer } from '../support/raw-http.ts';
import { CASES, hasTheHeaders } from './conformance.ts';
import { HOSTS, type Running } from './hosts.ts';

describe('the conformance suite', () => {
  const running = new Map<string, Running>();

  before(async () => {
    for (const [name, host] of Object.entries(HOSTS)) running.set(name, await host());
  });
  after(async () => {
    for (const one of running.values()) await one.stop();
  });

  for (const { name, request, status, look } of CASES) {
    test(name, async () => {
      const answers: string[] = [];
      for (const [host, { port }] of running) {
        const answer = await ask(port, request);
        assert.equal(answer.status, status, `${host}: ${answer.body}`);
        hasTheHeaders(answer);
        look?.(answer);
        answers.push(comparable(answer));
      }
      assert.deepEqual(
        answers,
        answers.map(() => answers[0]),
        'the hosts answer alike',
      );
    });
  }
});

/** An answer without what differs from one to the next, and without what the framework itself adds to a good one. */
function comparable(answer: RawAnswer): string {
  const frameworks = new Set([
    'date',
    'etag',
    'content-length',
    'transfer-encoding',
    'ratelimit',
    'keep-alive',
  ]);
  const headers = answer.headers
    .filter(([name]) => !frameworks.has(name))
    .map(([name, value]) => `${name}: ${value}`);
  return (
    [answer.status, ...headers.sort()]
      .join('\n')
      // Some frameworks name the charset of what an application did not; Bulwark's own answers are looked at by each case.
      .replaceAll(/; charset=utf-8$/gim, '')
      .replaceAll(/nonce-[\w-]+/g, 'nonce-X')
      .replaceAll(/__Host-sid=[\w-]+/g, '__Host-sid=X')
  );
}
