/** Device-bound sessions on every host: as a browser speaks, byte for byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type RawAnswer, sessionCookieOf, valueOf, valuesOf } from '../../src/testing/wire.ts';
import { postForm } from '../past-failures/sites.ts';
import { challengeIn, Device } from '../support/device.ts';
import { EVERY_HOST } from './every-host.ts';

const POLICY = {
  session: { deviceBound: 'enforce' },
  routes: { '/members/**': { require: { deviceBound: true } } },
} as const;
const OWN = { origin: 'https://example.com', 'sec-fetch-site': 'same-origin', 'content-length': '0' };

for (const [name, host] of Object.entries(EVERY_HOST)) {
  test(`${name}: a session is bound and its proof renewed, and its cookie alone opens nothing`, async () => {
    const { port, events, stop } = await host(POLICY);
    try {
      const signedIn = await postForm(port, '/sign-in?account=ann', '');
      const session = sessionCookieOf(signedIn) ?? '';
      const challenge = challengeIn(valueOf(signedIn, 'secure-session-registration'));
      const post = (
        place: string,
        cookie: string,
        more: Readonly<Record<string, string>>,
      ): Promise<RawAnswer> =>
        ask(port, { method: 'POST', target: `/-/device/${place}`, headers: { ...OWN, cookie, ...more } });
      const device = new Device();
      const bound = await post('register', session, {
        'secure-session-response': device.register(challenge),
      });
      assert.equal(bound.status, 200);
      assert.equal(valueOf(bound, 'content-type'), 'application/json');
      const { session_identifier: id } = JSON.parse(bound.body) as { session_identifier: string };
      const proof = (answer: RawAnswer): string =>
        valuesOf(answer, 'set-cookie')
          .find((line) => line.startsWith('__Host-bound='))
          ?.split(';')[0] ?? '';
      const page = (cookie: string): Promise<RawAnswer> =>
        ask(port, { target: '/members/page', headers: { cookie } });
      assert.equal((await page(`${session}; ${proof(bound)}`)).status, 200);
      assert.equal((await page(session)).status, 403);

      const sent = { 'sec-secure-session-id': id };
      const asked = await post('refresh', session, sent);
      assert.equal(asked.status, 403);
      const signed = device.prove(challengeIn(valueOf(asked, 'secure-session-challenge')));
      const renewed = await post('refresh', session, { ...sent, 'secure-session-response': signed });
      assert.deepEqual([renewed.status, renewed.body], [204, '']);
      assert.equal((await page(`${session}; ${proof(renewed)}`)).status, 200);
      assert.equal(
        (await post('refresh', session, { ...sent, 'secure-session-response': signed })).status,
        403,
      );
      assert.ok(events.some(({ event }) => event === 'session_device_bound'));
    } finally {
      await stop();
    }
  });
}
