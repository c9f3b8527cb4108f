/** Whatever a stack leaves out is found before it is measured. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyOptions } from 'bulwark';
import { LOAD_LIMIT } from '../stacks/application.ts';
import { benchPolicy } from '../stacks/bulwark.ts';
import { nodeBare, startNode } from '../stacks/node-http.ts';
import type { RunningStack } from '../stacks/stack.ts';
import { checkBare, checkLimit, checkSecured } from './features.ts';

async function withPolicy(change: PolicyOptions, look: (port: number) => Promise<unknown>): Promise<void> {
  const [policy] = await benchPolicy({ limit: LOAD_LIMIT, store: 'memory', redisUrl: undefined });
  await using(await startNode({ ...policy, ...change }), look);
}

async function using(running: RunningStack, look: (port: number) => Promise<unknown>): Promise<void> {
  try {
    await look(running.port);
  } finally {
    await running.close();
  }
}

const LEFT_OUT: readonly (readonly [what: string, change: PolicyOptions, complaint: RegExp])[] = [
  ['the policy for content', { csp: { mode: 'off' } }, /the header has the nonce of the page/],
  ['the headers', { headers: { mode: 'off' } }, /x-content-type-options/],
  ['the transport policy', { https: { mode: 'off' } }, /strict-transport-security/],
  ['the check of forms', { csrf: { mode: 'off' } }, /a form of another site is refused/],
];

for (const [what, change, complaint] of LEFT_OUT) {
  test(`finds that a stack leaves out ${what}`, async () => {
    await withPolicy(change, async (port) => {
      await assert.rejects(checkSecured(port), complaint);
    });
  });
}

test('finds a limit that lets more through than it says, and one that lets fewer', async () => {
  await withPolicy({ rateLimit: { perClient: '6/hour' } }, async (port) => {
    await checkLimit(port, 6);
    await assert.rejects(checkLimit(port, 5), /a limit of 5 lets 5 through/);
    await assert.rejects(checkLimit(port, 7), /a limit of 7 lets 7 through/);
  });
});

test('takes no bare application for a secured one, and no secured one for a bare one', async () => {
  const options = { limit: LOAD_LIMIT, store: 'memory', redisUrl: undefined } as const;
  await using(await nodeBare.start(options), (port) => assert.rejects(checkSecured(port)));
  await withPolicy({}, (port) => assert.rejects(checkBare(port)));
});
