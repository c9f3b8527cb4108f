/** What a guard of the application found out: a value for the handler, and an event that is no refusal, on every host. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventOf } from '../../src/core/events.ts';
import type { Mode } from '../../src/core/guard.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { ask } from '../../src/testing/wire.ts';
import { TENANT } from './application.ts';
import { EVERY_HOST } from './every-host.ts';
import { HOSTS } from './hosts.ts';

const SEEN = {
  name: 'tenant_seen',
  level: 'info',
  meaning: 'Someone came on behalf of a tenant.',
  details: { tenant: 'text' },
} as const;

/** Keeps the tenant that a request names, and says so: a moment later, as one that looks it up would. */
function policy(mode: Mode): PolicyOptions {
  return {
    guards: [
      {
        after: 'session',
        guard: {
          name: 'own-tenant',
          mode,
          events: [SEEN],
          async onRequest(exchange) {
            await Promise.resolve();
            const { 'x-tenant': tenant } = exchange.request.headers;
            if (typeof tenant !== 'string') return undefined;
            exchange.set(TENANT, tenant);
            return eventOf(SEEN, { tenant });
          },
        },
      },
    ],
  };
}

const OF_ACME = { target: '/tenant', headers: { 'x-tenant': 'acme' } };

for (const [name, start] of Object.entries(HOSTS)) {
  test(`${name}: what a guard keeps is the handler's, of this request and of no other`, async () => {
    const host = await start(policy('enforce'));
    try {
      assert.equal((await ask(host.port, OF_ACME)).body, '{"tenant":"acme"}');
      assert.equal((await ask(host.port, { target: '/tenant' })).body, '{"tenant":null}');
    } finally {
      await host.stop();
    }
  });
}

describe('an event that is no refusal', () => {
  for (const [name, start] of Object.entries(EVERY_HOST)) {
    test(`${name}: is in the log with its guard and request, marked where it observes, and absent where it is off`, async () => {
      for (const [mode, lines] of [
        ['enforce', [['own-tenant', 'acme', undefined]]],
        ['observe', [['own-tenant', 'acme', true]]],
        ['off', []],
      ] as const) {
        const host = await start(policy(mode));
        try {
          assert.equal((await ask(host.port, { ...OF_ACME, target: '/public' })).status < 500, true);
          const told = host.events.filter(({ event }) => event === 'tenant_seen');
          assert.deepEqual(
            told.map(({ guard, details }) => [guard, details?.['tenant'], details?.['observed']]),
            lines,
          );
          assert.ok(told.every(({ requestId }) => requestId !== undefined));
        } finally {
          await host.stop();
        }
      }
    });
  }
});
