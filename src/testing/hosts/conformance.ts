/**
 * The suite that every host passes: whatever stands between a framework and the layer. Run it with node:test against your
 * own:
 *
 * ```ts
 * import { hostConformance } from 'bulwark/testing';
 * hostConformance('my framework', (policy, routes) => startMyServer(policy, routes));
 * ```
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { viewOf } from '../../layer/view.ts';
import { protect } from '../../node/protector.ts';
import { runHandler } from '../../node/run-handler.ts';
import type { PolicyOptions } from '../../policy/policy.ts';
import { checks } from '../testing.calls.ts';
import { ask } from '../wire.ts';
import { answersAlike } from './alike.ts';
import { CASES } from './cases.ts';
import { APPLICATION, serveRoutes, type TestRoute } from './application.ts';
import { hostPolicy } from './policy.ts';
import { visitorConformance } from './visitor.ts';

/** A host that listens on 127.0.0.1. */
export interface StartedHost {
  readonly port: number;
  /** Ends its server and its layer, whatever connections there are. */
  readonly stop: () => unknown;
}

/**
 * Starts a host under a policy, with an application of these routes behind it. A path that is none of them is answered with
 * `NOTHING`; what a route throws is left to the framework.
 */
export type StartHost = (policy: PolicyOptions, routes: readonly TestRoute[]) => MaybePromise<StartedHost>;

/** What a host is asked. */
export interface HostConformanceOptions {
  /** `skip`: it is handed requests that a server has read, and is not asked of what only that server sees. Default `ask`. */
  readonly ofServer?: 'ask' | 'skip';
}

/** Registers the suite: each answer is what it has to be, and the same as that of `bulwark/node`. */
export function hostConformance(name: string, start: StartHost, options: HostConformanceOptions = {}): void {
  checks.hostConformance(name, start, options);
  const cases =
    options.ofServer === 'skip' ? CASES.filter((one) => one.unread !== true && one.ofServer !== true) : CASES;
  describe(`${name} as a host`, () => {
    const running: StartedHost[] = [];
    before(async () => {
      running.push(await start(hostPolicy(), APPLICATION), await startNode(hostPolicy(), APPLICATION));
    });
    after(async () => {
      for (const host of running) await host.stop();
    });
    answersAlike(
      () => new Map(running.map(({ port }, at) => [at === 0 ? name : 'bulwark/node', port])),
      cases,
    );
    visitorConformance(() => running[0]?.port ?? 0);
    test('it is under the policy that it is given: where csrf is off, another site posts', async () => {
      const host = await start({ ...hostPolicy(), csrf: { mode: 'off' } }, APPLICATION);
      try {
        const headers = { 'sec-fetch-site': 'cross-site' };
        const { status } = await ask(host.port, { method: 'POST', target: '/echo', headers, body: 'a=1' });
        assert.equal(status, 200);
      } finally {
        await host.stop();
      }
    });
  });
}

/** What others are compared with. */
const startNode: StartHost = async (policy, routes) => {
  const layer = protect(policy);
  const server = layer.createServer((request, response) =>
    layer(request, response, () =>
      runHandler(() => serveRoutes(routes, request, response, viewOf(request, '')), request, response),
    ),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await layer.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
};
