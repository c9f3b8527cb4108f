import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import express from 'express';
import { ask } from '../../test/support/raw-http.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { memory } from '../stores/memory/state.ts';
import { bulwark } from './express.ts';

test('a template finds the view of its request, and no other, as res.locals.bulwark', async () => {
  const layer = bulwark({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    proxy: { trusted: ['127.0.0.1'] },
    audit: { sink: () => undefined },
  });
  const app = express();
  app.use(layer);
  app.get('/', (request, response) => {
    const view = bulwark.of(request);
    const { bulwark: found } = response.locals;
    response.json({ same: found === view, nonce: view.nonce });
  });
  const server = layer.createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    const { port } = server.address() as AddressInfo;
    const headers = { host: 'example.com', 'x-forwarded-proto': 'https' };
    const bodies: { same: boolean; nonce: string }[] = [];
    for (let index = 0; index < 2; index += 1) {
      bodies.push(JSON.parse((await ask(port, { headers })).body) as (typeof bodies)[number]);
    }
    assert.deepEqual(
      bodies.map(({ same }) => same),
      [true, true],
    );
    assert.notEqual(bodies[0]?.nonce, bodies[1]?.nonce);
  } finally {
    server.closeAllConnections();
    server.close();
    await layer.close();
  }
});
