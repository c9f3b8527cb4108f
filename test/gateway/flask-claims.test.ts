/** What docs/guides/flask.md promises and nothing else holds: `guide-claims.test.ts` says which test holds which claim. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GATEWAY_EVENTS } from '../../src/gateway/gateway.events.ts';
import { ask } from '../../src/testing/wire.ts';
import { record, watchedGateway } from './recorder.ts';

test('two hundred requests a minute are answered, and the next is not', async (t) => {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port, {}, { rateLimit: {} });
  const statuses: number[] = [];
  for (let asked = 0; asked < 230; asked += 1) statuses.push((await ask(site.port, {})).status);
  assert.ok(statuses.slice(0, 200).every((status) => status === 200));
  assert.ok(statuses.includes(429), 'a slow machine earns a few more, and not thirty');
});

test('ten megabytes are taken, and a byte more is refused before the application is asked', async (t) => {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port);
  const headers = { 'sec-fetch-site': 'same-origin' };
  const limit = 10 * 1024 * 1024;
  const post = async (bytes: number): Promise<number> =>
    (await ask(site.port, { method: 'POST', headers, body: 'x'.repeat(bytes) })).status;
  assert.equal(await post(limit + 1), 413);
  assert.equal(recorder.connections.length, 0);
  assert.equal(await post(limit), 200);
});

test('odd methods get 405, and there is one line for each refusal, with who and why', async (t) => {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port);
  for (const method of ['TRACE', 'PROPFIND']) {
    const before = site.events.length;
    assert.equal((await ask(site.port, { method })).status, 405, method);
    const told = site.events.slice(before);
    assert.equal(told.length, 1, method);
    const [{ client, details } = {}] = told as readonly { client?: unknown; details?: { guard?: unknown } }[];
    assert.ok(JSON.stringify(client).includes('192.0.2.1'));
    assert.ok(details !== undefined);
  }
  assert.equal(recorder.connections.length, 0);
  // That the application is gone is for somebody to be woken up by.
  assert.equal(GATEWAY_EVENTS.upstreamGone.level, 'critical');
});
