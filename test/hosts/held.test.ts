/** A request that is still being handled when its session ends, on every host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, sessionCookieOf } from '../../src/testing/wire.ts';
import { held } from './application.ts';
import { EVERY_HOST } from './every-host.ts';

for (const [name, host] of Object.entries(EVERY_HOST)) {
  for (const target of ['/held', '/held-write']) {
    test(`v5.0.0-7.4.1 ${target} held open over a revocation is 401 at its end and after, on ${name}`, async () => {
      const { port, layer, events, stop } = await host();
      try {
        const headers = { 'sec-fetch-site': 'same-origin' };
        const cookie = sessionCookieOf(
          await ask(port, { method: 'POST', target: '/sign-in?account=anna', headers }),
        );
        assert.ok(cookie !== undefined);
        const arrived = Promise.withResolvers<void>();
        const release = Promise.withResolvers<void>();
        held.arrived = arrived.resolve;
        held.release = release.promise;
        const answering = ask(port, { target, headers: { cookie } });
        await arrived.promise;
        assert.equal(await layer.sessions.revokeAccount('anna'), 1);
        release.resolve();
        const answer = await answering;
        assert.equal(answer.status, 401);
        assert.ok(!answer.body.includes('secret'));
        assert.equal((await ask(port, { target: '/members/page', headers: { cookie } })).status, 401);
        assert.deepEqual(
          events.filter(({ event }) => event === 'sys_crash'),
          [],
        );
      } finally {
        await stop();
      }
    });
  }
}
