/** Pages of other origins, on every host: who is named asks and reads, and nobody else does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type RawAnswer, type RawRequest, valueOf } from '../../src/testing/wire.ts';
import { WITH_WEB } from './every-host.ts';

const PARTNER = 'https://partner.example';
const OTHER = 'https://partner.example.attacker.example';
const POLICY = {
  routes: {
    '/echo': { cors: { origins: [PARTNER] } },
    '/members/**': { require: 'signed-in', cors: { origins: [PARTNER], exposedHeaders: ['X-Total'] } },
    '/json': { limit: '1/minute', cors: { origins: [PARTNER] } },
  },
} as const;

const allowed = (answer: RawAnswer): string | undefined => valueOf(answer, 'access-control-allow-origin');
const from = (origin: string, more: RawRequest = {}): RawRequest => ({
  ...more,
  headers: { origin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', ...more.headers },
});
const preflight = (origin: string, target: string): RawRequest => ({
  method: 'OPTIONS',
  target,
  headers: {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  },
});

for (const [name, host] of Object.entries(WITH_WEB)) {
  test(`${name}: whoever is named asks and reads, refusals too, and nobody else does`, async () => {
    const { port, events, stop } = await host(POLICY);
    try {
      for (const target of ['/members/page', '/json', '/json']) {
        const answer = await ask(port, preflight(PARTNER, target));
        assert.equal(answer.status, 204, target);
        assert.equal(allowed(answer), PARTNER);
        assert.equal(answer.body, '');
        assert.equal(valueOf(answer, 'content-length'), undefined);
      }
      assert.equal((await ask(port, preflight(OTHER, '/members/page'))).status, 403);
      assert.equal((await ask(port, preflight('null', '/members/page'))).status, 403);

      const closed = await ask(port, from(PARTNER, { target: '/members/page' }));
      assert.deepEqual([closed.status, allowed(closed)], [401, PARTNER]);
      assert.equal(valueOf(closed, 'access-control-expose-headers'), 'X-Total');
      assert.equal(allowed(await ask(port, from(OTHER, { target: '/members/page' }))), undefined);
      assert.equal((await ask(port, from(PARTNER, { target: '/json' }))).status, 200);
      const limited = await ask(port, from(PARTNER, { target: '/json' }));
      assert.deepEqual([limited.status, allowed(limited)], [429, PARTNER]);
      for (const headers of [{}, { origin: OTHER }])
        assert.match(valueOf(await ask(port, { target: '/json', headers }), 'vary') ?? '', /\borigin\b/i);

      const post: RawRequest = {
        method: 'POST',
        target: '/echo',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      };
      assert.equal((await ask(port, from(PARTNER, post))).status, 200);
      assert.equal((await ask(port, from(OTHER, post))).status, 403);
      const named = { ...post, headers: { ...post.headers, cookie: 'theirs=1' } };
      assert.equal((await ask(port, from(PARTNER, named))).status, 403);

      // From a browser that says no more than its origin.
      const wide = await ask(port, { target: '/wide', headers: { origin: OTHER } });
      assert.deepEqual(
        wide.headers.filter(([one]) => one.startsWith('access-control')),
        [],
      );
      assert.ok(events.some(({ event, guard }) => event === 'sys_header_raised' && guard === 'cors'));
    } finally {
      await stop();
    }
  });
}
