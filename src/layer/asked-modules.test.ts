import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { testPolicy } from '../../test/hosts/hosts.ts';
import { bulwark } from '../adapters/node.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { ask, type RawRequest } from '../testing/wire.ts';

const MODULE = { 'sec-fetch-dest': 'script', 'sec-fetch-site': 'same-origin' };
/** A browser on this machine: no proxy between. */
const HERE = { host: 'localhost', 'x-forwarded-for': null, 'x-forwarded-proto': null };

async function answersTo(
  request: RawRequest,
  environment: 'development' | 'production' = 'development',
): Promise<readonly number[]> {
  const more: PolicyOptions = {
    environment,
    rateLimit: { perClient: '2/minute' },
    routes: { '/tight.js': { limit: '1/minute' } },
  };
  const layer = bulwark({
    ...testPolicy([], more),
    ...(environment === 'development' && { origin: 'http://localhost' }),
  });
  const server = layer
    .createServer(layer.handler((_request, response) => response.end()))
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const seen: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) seen.push((await ask(port, request)).status);
  server.close();
  await layer.close();
  return seen;
}

test('in development, modules of a page on this machine cost nothing of the general limit', async () => {
  assert.deepEqual(await answersTo({ headers: { ...HERE, ...MODULE } }), [200, 200, 200, 200]);
});

test('whatever else is asked for counts, and so do modules through a proxy, and those that another site loads', async () => {
  assert.deepEqual(await answersTo({ headers: HERE }), [200, 200, 429, 429]);
  assert.deepEqual(
    await answersTo({ method: 'POST', headers: { ...HERE, ...MODULE } }),
    [200, 200, 429, 429],
  );
  const passedOn = { ...HERE, ...MODULE, 'x-forwarded-for': '192.0.2.7' };
  assert.deepEqual(await answersTo({ headers: passedOn }), [200, 200, 429, 429]);
  const elsewhere = { ...HERE, ...MODULE, 'sec-fetch-site': 'cross-site' };
  assert.ok(!(await answersTo({ headers: elsewhere })).slice(2).includes(200));
});

test("a route's own limit holds for modules too", async () => {
  const answers = await answersTo({ target: '/tight.js', headers: { ...HERE, ...MODULE } });
  assert.deepEqual(answers, [200, 429, 429, 429]);
});

test('in production every request counts', async () => {
  assert.deepEqual(await answersTo({ headers: MODULE }, 'production'), [200, 200, 429, 429]);
});
