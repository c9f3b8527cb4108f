/** Several names of one application, and probes that know none: on every face of the layer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { ask, type RawAnswer, type RawRequest, valueOf } from '../../src/testing/wire.ts';
import { WITH_WEB } from './every-host.ts';

const POLICY: PolicyOptions = {
  origins: { also: ['https://example.org'], moved: ['https://www.example.com'] },
  routes: { 'GET /json': { anyHost: true, insecureHttp: true } },
};

const OVER_TLS = /over (?:TLS|HTTP\/2)$/;

for (const [name, start] of Object.entries(WITH_WEB)) {
  test(`each origin is its own, and a moved one leads home, on ${name}`, async () => {
    const { port, stop } = await start(POLICY);
    const from = async (host: string, { headers, ...more }: RawRequest = {}): Promise<RawAnswer> =>
      ask(port, { target: '/', ...more, headers: { host, ...headers } });
    // A front that ends TLS here knows no plain http.
    const plain = { 'x-forwarded-proto': 'http' };
    try {
      for (const host of ['example.com', 'example.org'])
        assert.notEqual((await from(host)).status, 421, host);
      const moved = await from('www.example.com', { target: '/notes?page=2' });
      assert.deepEqual([moved.status, valueOf(moved, 'location')], [308, 'https://example.com/notes?page=2']);
      assert.equal((await from('evil.example')).status, 421);
      const form: RawRequest = {
        method: 'POST',
        target: '/echo',
        headers: { 'content-type': 'text/plain', 'sec-fetch-site': 'same-origin' },
        body: 'x',
      };
      assert.equal((await from('www.example.com', form)).status, 421, 'a form is not sent on');
      if (OVER_TLS.test(name)) return;
      for (const host of ['example.org', 'www.example.com']) {
        const led = await from(host, { headers: plain });
        assert.deepEqual([led.status, valueOf(led, 'location')], [308, `https://${host}/`]);
      }
    } finally {
      await stop();
    }
  });

  test(`a form is of the origin that it was sent to, on ${name}`, async () => {
    const { port, stop } = await start(POLICY);
    const form = async (host: string, origin: string): Promise<number> => {
      const headers = { host, origin, cookie: '__Host-bulwark=x', 'content-type': 'text/plain' };
      return (await ask(port, { method: 'POST', target: '/echo', headers, body: 'x' })).status;
    };
    try {
      for (const [host, origin] of [
        ['example.org', 'https://example.com'],
        ['example.com', 'https://example.org'],
        ['example.org', 'https://www.example.com'],
      ] as const)
        assert.equal(await form(host, origin), 403, `${origin} at ${host}`);
      for (const host of ['example.org', 'example.com'])
        assert.notEqual(await form(host, `https://${host}`), 403, host);
    } finally {
      await stop();
    }
  });

  test(`a probe looks at its route under any host, and at no other, on ${name}`, async () => {
    const { port, stop } = await start(POLICY);
    const probe = async (method: string, target: string): Promise<number> => {
      const headers = { host: '10.1.2.3:8080', 'x-forwarded-proto': 'http', 'sec-fetch-site': 'same-origin' };
      return (await ask(port, { method, target, headers })).status;
    };
    try {
      assert.equal(await probe('GET', '/json'), 200);
      assert.equal(await probe('GET', '/'), 421);
      assert.equal(await probe('GET', '/js%6Fn'), 421, 'nor under another spelling of it');
      assert.equal(await probe('POST', '/json'), 421);
    } finally {
      await stop();
    }
  });
}
