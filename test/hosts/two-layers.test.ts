import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import express from 'express';
import { bulwark } from '../../src/adapters/express.ts';
import { ask } from '../support/raw-http.ts';
import { testPolicy } from './hosts.ts';

async function statusOf(mount: (app: express.Express) => void): Promise<number> {
  const app = express();
  app.set('env', 'test');
  mount(app);
  app.use((_request, response) => void response.end('passed'));
  const server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return (await ask((server.address() as AddressInfo).port, {})).status;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a layer that is mounted twice judges once', async () => {
  const layer = bulwark(testPolicy([]));
  assert.equal(await statusOf((app) => void app.use(layer).use(layer)), 200);
  await layer.close();
});

test('a second layer is an error for everyone to see, not a policy that nobody asks', async () => {
  const first = bulwark(testPolicy([]));
  const second = bulwark(testPolicy([]));
  assert.equal(await statusOf((app) => void app.use(first).use(second)), 500);
  await first.close();
  await second.close();
});
