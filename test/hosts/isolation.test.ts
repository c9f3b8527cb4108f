/** What pages of other sites load, and what browsers fetch ahead, on every host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type RawRequest, sessionCookieOf } from '../../src/testing/wire.ts';
import { WITH_WEB } from './every-host.ts';

const POLICY = { routes: { '/json': { corp: 'cross-origin' }, '/tenant': { prefetch: false } } } as const;

const load = (target: string, mode: string, dest: string, cookie?: string): RawRequest => ({
  target,
  headers: {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': mode,
    'sec-fetch-dest': dest,
    ...(cookie !== undefined && { cookie }),
  },
});

for (const [name, host] of Object.entries(WITH_WEB)) {
  test(`${name}: another site loads what is given to it and leads here by links; whoever is signed in makes no difference`, async () => {
    const { port, events, stop } = await host(POLICY);
    try {
      const own = { 'sec-fetch-site': 'same-origin' };
      const signedIn = await ask(port, { method: 'POST', target: '/sign-in?account=ann', headers: own });
      const cookie = sessionCookieOf(signedIn) ?? '';
      const of = async (request: RawRequest): Promise<number> => (await ask(port, request)).status;
      for (const one of [undefined, cookie]) {
        assert.equal(await of(load('/me', 'no-cors', 'script', one)), 403);
        assert.equal(await of(load('/me', 'cors', 'empty', one)), 403);
        assert.equal(await of(load('/me', 'navigate', 'embed', one)), 403);
        assert.equal(await of(load('/me', 'navigate', 'document', one)), 200);
      }
      assert.equal(await of(load('/json', 'no-cors', 'image')), 200);
      assert.equal(await of(load('/JSON', 'no-cors', 'image')), 403);
      assert.equal(await of({ target: '/tenant', headers: { ...own, 'sec-purpose': 'prefetch' } }), 503);
      assert.equal(await of({ target: '/tenant', headers: own }), 200);
      assert.ok(events.some(({ event, guard }) => event === 'resource_isolated' && guard === 'isolation'));
    } finally {
      await stop();
    }
  });
}
