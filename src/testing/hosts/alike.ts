import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type RawAnswer } from '../wire.ts';
import { type Case, CASES, hasTheHeaders, hasTheLimit } from './cases.ts';

/**
 * Registers every case, for servers whose answers must be alike.
 *
 * @param portsOf - the ports by name, once the servers listen
 * @param cases - all, where nothing else is said
 */
export function answersAlike(
  portsOf: () => ReadonlyMap<string, number>,
  cases: readonly Case[] = CASES,
): void {
  for (const { name, request, status, look, unread } of cases) {
    test(name, async () => {
      const answers: string[] = [];
      for (const [host, port] of portsOf()) {
        const answer = await ask(port, request);
        assert.equal(answer.status, status, `${host}: ${answer.body}`);
        hasTheHeaders(answer);
        if (unread !== true) hasTheLimit(answer);
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
}

/** An answer without what differs from one to the next, and without what the framework itself adds to a good one. */
function comparable(answer: RawAnswer): string {
  const headers = answer.headers
    .filter(([name]) => !OF_FRAMEWORKS.has(name))
    .flatMap(([name, value]) => linesOf(name, value).map((line) => `${name}: ${line}`));
  return (
    [answer.status, ...headers.sort()]
      .join('\n')
      // Some frameworks name the charset of what an application did not; Bulwark's own answers are looked at by each case.
      .replaceAll(/; charset=utf-8$/gim, '')
      .replaceAll(/nonce-[\w-]+/g, 'nonce-X')
      .replaceAll(/__Host-sid=[\w-]+/g, '__Host-sid=X')
  );
}

/** Headers of the web join what stood on two lines: of policies it is the same (CSP Level 3, 2.2.2). */
function linesOf(name: string, value: string): readonly string[] {
  return name.startsWith('content-security-policy') ? value.split(/,\s*/) : [value];
}

const OF_FRAMEWORKS: ReadonlySet<string> = new Set([
  'date',
  'etag',
  'content-length',
  'transfer-encoding',
  'ratelimit',
  'keep-alive',
]);
