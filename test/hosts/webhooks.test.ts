/** Deliveries that their sender has signed, on every host: the handler reads the signed bytes, and nobody else gets there. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { ask, type RawRequest, sessionCookieOf } from '../../src/testing/wire.ts';
import { WITH_WEB } from './every-host.ts';

const SECRET = 'a secret of the sender, shown once';
const BODY = '{ "action": "opened",\n "id": 1 }';
const POLICY = {
  routes: { 'POST /read': { webhook: { scheme: 'github', secrets: [SECRET] } } },
} as const;

function signed(body: string, headers: Readonly<Record<string, string>> = {}): RawRequest {
  const tag = createHmac('sha256', SECRET).update(BODY).digest('hex');
  return {
    method: 'POST',
    target: '/read',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${tag}`, ...headers },
    body,
  };
}

for (const [name, host] of Object.entries(WITH_WEB)) {
  test(`${name}: a signed delivery needs no origin and no token, and is read as it was signed`, async () => {
    const { port, events, stop } = await host(POLICY);
    try {
      // As from a page of another site, with a cookie of somebody who is signed in: the signature alone counts.
      const cookie = `${sessionCookieOf(
        await ask(port, {
          method: 'POST',
          target: '/sign-in?account=ann',
          headers: { 'sec-fetch-site': 'same-origin' },
        }),
      )}`;
      const answer = await ask(
        port,
        signed(BODY, { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site', cookie }),
      );
      assert.equal(answer.status, 200, answer.body);
      assert.deepEqual(JSON.parse(answer.body), { read: BODY });
      for (const request of [
        signed(`${BODY} `),
        signed(BODY, { 'x-hub-signature-256': 'sha256=00', 'sec-fetch-site': 'same-origin', cookie }),
        { ...signed(`${BODY}x`), target: '/READ' },
        { ...signed(`${BODY}x`), target: '/re%61d' },
      ]) {
        const refused = await ask(port, request);
        assert.ok(
          [401, 403, 404].includes(refused.status),
          `${request.target} is answered ${refused.status}`,
        );
        assert.ok(!refused.body.includes('opened'));
      }
      assert.ok(events.some(({ guard, event }) => guard === 'webhook' && event === 'malicious_extraneous'));
      assert.ok(!JSON.stringify(events).includes(SECRET));
    } finally {
      await stop();
    }
  });
}
