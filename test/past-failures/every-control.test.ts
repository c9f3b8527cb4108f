/**
 * Every control over the wire: on, its attack fails on every host; off, the same attack succeeds; in `observe` it succeeds,
 * is counted, and the log is told.
 */
import assert, { AssertionError } from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { Mode } from '../../src/core/guard.ts';
import { type Arrange, Layer } from '../../src/layer/layer.ts';
import { viewOf } from '../../src/layer/view.ts';
import { Gate } from '../../src/node/gate.ts';
import { runHandler } from '../../src/node/run-handler.ts';
import { createServer } from '../../src/node/server.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { holds } from '../../src/testing/holds.ts';
import { serveRoutes } from '../../src/testing/hosts/application.ts';
import { ROUTES } from '../hosts/application.ts';
import { EVERY_HOST } from '../hosts/every-host.ts';
import { nodeHost, testPolicy } from '../hosts/hosts.ts';
import { type Attack, ATTACKS } from './every-control.ts';
import { listen, type Site } from './sites.ts';

for (const { guard, fact, section, policy = {}, check, seen } of ATTACKS) {
  holds(`${guard}: ${fact}`, {
    on: Object.fromEntries(
      Object.entries(EVERY_HOST).map(([name, host]) => [`the layer on ${name}`, () => host(policy)]),
    ),
    off: {
      [`a layer on node:http without ${guard}`]: () => without(guard, policy),
      ...(section !== undefined && {
        [`${section}.mode 'off'`]: () => nodeHost(inMode(policy, section, 'off')),
      }),
    },
    check: ({ port }: { readonly port: number }) => check(port),
    seen,
  });

  if (section === undefined) continue;
  for (const [name, host] of Object.entries(EVERY_HOST)) {
    test(`${guard}, observed on ${name}: it is counted and told, and nothing is stopped`, async () => {
      const { port, layer, events, stop } = await host(inMode(policy, section, 'observe'));
      try {
        await assert.rejects(
          check(port),
          (error) => error instanceof AssertionError && seen.test(error.message),
        );
      } finally {
        await stop();
      }
      const count = layer.counts.get(guard);
      assert.equal(count?.refused, 0);
      assert.ok(count.observed > 0, 'it is counted');
      const told = events.filter((event) => event.guard === guard);
      assert.ok(told.length > 0, 'the log is told');
      assert.ok(told.every(({ details }) => details?.['observed'] === true));
    });
  }
}

test('every guard of the layer has its attack', async () => {
  const names = new Set<string>();
  await layerOf({ apiTokens: { scopes: ['files:read'] } }, (guards) => {
    for (const { name } of guards) names.add(name);
    return guards;
  });
  assert.deepEqual([...names].sort(), [...new Set(ATTACKS.map(({ guard }) => guard))].sort());
});

test('every section that has a mode has its attack', async () => {
  const policy = await readPolicy(testPolicy([]));
  const moded = Object.entries(policy).filter(([, part]) => hasMode(part));
  const attacked = new Set<string | undefined>(ATTACKS.map(({ section }) => section));
  assert.deepEqual(
    moded.map(([name]) => name).filter((name) => !attacked.has(name)),
    [],
  );
});

function hasMode(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'mode' in part;
}

function inMode(policy: PolicyOptions, section: NonNullable<Attack['section']>, mode: Mode): PolicyOptions {
  return { ...policy, [section]: { ...(policy[section] as object), mode } };
}

/** The application under a layer that one guard was taken out of: also one that no option takes out. */
async function without(guard: string, policy: PolicyOptions): Promise<Site> {
  const layer = await layerOf(policy, (guards) => guards.filter(({ name }) => name !== guard));
  const server = createServer(new Gate(layer, ''), (request, response) =>
    runHandler(() => serveRoutes(ROUTES, request, response, viewOf(request, '')), request, response),
  );
  return listen(server, () => layer.policy.state.close());
}

async function layerOf(policy: PolicyOptions, arrange: Arrange): Promise<Layer> {
  return new Layer(await readPolicy(testPolicy([] as AuditEvent[], policy)), undefined, arrange);
}
