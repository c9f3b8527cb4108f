/** Posts that come back from elsewhere, on every host within an application: with a state of this browser, once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type RawRequest, valueOf } from '../../src/testing/wire.ts';
import { HOSTS } from './hosts.ts';

const POLICY = { routes: { 'POST /echo': { csrf: { accept: 'state' } } } } as const;

const back = (state: string, cookie: string): RawRequest => ({
  method: 'POST',
  target: '/echo',
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    origin: 'https://appleid.example',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    cookie,
  },
  body: `code=x&state=${state}`,
});

for (const [name, host] of Object.entries(HOSTS)) {
  test(`${name}: a form of a provider is taken once, whole, and from the browser that left for there`, async () => {
    const { port, stop } = await host(POLICY);
    try {
      const left = await ask(port, { target: '/leave' });
      const { state } = JSON.parse(left.body) as { state: string };
      const cookie = (valueOf(left, 'set-cookie') ?? '').split(';')[0] ?? '';
      assert.match(cookie, /^__Host-back=/);
      assert.match(valueOf(left, 'cache-control') ?? '', /no-store/);
      assert.equal((await ask(port, back(state, 'other=1'))).status, 403);
      const taken = await ask(port, back(state, cookie));
      assert.equal(taken.status, 200, taken.body);
      assert.equal((JSON.parse(taken.body) as { bytes: number }).bytes, `code=x&state=${state}`.length);
      assert.equal((await ask(port, back(state, cookie))).status, 403);
    } finally {
      await stop();
    }
  });
}
