import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import supertest from 'supertest';
import { bulwark as onExpress } from '../adapters/express.ts';
import { bulwark as onFastify } from '../adapters/fastify.ts';
import { bulwark as onHono } from '../adapters/hono.ts';
import { bulwark as onNode } from '../adapters/node.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { memory } from '../stores/memory/state.ts';
import { fixedSecrets } from './fakes.ts';
import { signedIn } from './signed-in.ts';

const ANN = { account: 'ann', roles: ['editor'] };

function policy(): PolicyOptions {
  return {
    environment: 'development',
    secrets: fixedSecrets(),
    state: memory(),
    audit: { sink: () => undefined },
    csrf: { tokens: 'always' },
    routes: {
      '/drafts': { require: 'signed-in' },
      '/edit': { require: { role: 'editor', mfa: true } },
    },
  };
}

function expressApp(): express.Express {
  const layer = onExpress(policy());
  const app = express();
  app.use(layer);
  app.all(['/drafts', '/edit'], (request, response) => {
    response.send(onExpress.of(request).principal?.account);
  });
  return app;
}

describe('signedIn with supertest, by the application alone', () => {
  const app = expressApp();

  test('a visitor is refused, and one who is signed in is whom the test says', async () => {
    const ann = await signedIn(app, ANN);
    await supertest(app).get('/drafts').expect(401);
    await supertest(app).get('/drafts').set(ann.headers).expect(200, 'ann');
  });

  test('it may post, by the token', async () => {
    const ann = await signedIn(app, ANN);
    await supertest(app).post('/drafts').set('cookie', ann.cookie).expect(403);
    await supertest(app).post('/drafts').set(ann.headers).expect(200);
  });

  test('a second factor is there only where the test says so', async () => {
    const plain = await signedIn(app, ANN);
    const proved = await signedIn(app, { ...ANN, mfa: true });
    const reader = await signedIn(app, { account: 'ben', mfa: true });
    await supertest(app).get('/edit').set(plain.headers).expect(403);
    await supertest(app).get('/edit').set(proved.headers).expect(200);
    await supertest(app).get('/edit').set(reader.headers).expect(403);
  });

  test('an end elsewhere ends it', async () => {
    const ann = await signedIn(app, ANN);
    assert.equal(await ann.signOut(), true);
    assert.equal(await ann.signOut(), false);
    await supertest(app).get('/drafts').set(ann.headers).expect(401);
  });
});

test('Fastify: with app.inject, which is light-my-request', async () => {
  const layer = onFastify(policy());
  const app = Fastify({ serverFactory: layer.serverFactory });
  app.get('/drafts', (request) => onFastify.of(request).principal?.account);
  after(() => app.close());
  const { headers } = await signedIn(app, ANN);
  const { body, statusCode } = await app.inject({ url: '/drafts', headers });
  assert.deepEqual([statusCode, body], [200, 'ann']);
  assert.equal((await app.inject('/drafts')).statusCode, 401);
});

test('a server of node:http, and the layer of Hono', async () => {
  const layer = onNode(policy());
  const server = layer.createServer(
    layer.handler((request, response) => void response.end(onNode.of(request).principal?.account)),
  );
  after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { headers } = await signedIn(server, ANN);
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/drafts`, {
    headers,
  });
  assert.equal(await answer.text(), 'ann');
  const hono = onHono(policy());
  assert.match((await signedIn(hono, ANN)).cookie, /^__Host-sid=/);
});

describe('signedIn refuses', () => {
  const refusals: readonly (readonly [what: string, app: object, message: RegExp])[] = [
    ['an application without a layer', express(), /app: no layer stands in it/],
    ['an application of Hono, which has no server', new Hono(), /app: no layer stands in it/],
    ['what is no application', {}, /app: no layer stands in it/],
    [
      'production with state that stays',
      onExpress({
        ...policy(),
        environment: 'production',
        origin: 'https://example.com',
        state: { ...memory(), reach: 'machine' },
      }),
      /its policy is that of production/,
    ],
  ];
  for (const [what, app, message] of refusals) {
    test(what, () => assert.rejects(signedIn(app, ANN), message));
  }

  test('an account that is a number, with the line to write', async () => {
    const who = { account: 7 } as unknown as typeof ANN;
    await assert.rejects(signedIn(expressApp(), who), { code: 'ERR_BULWARK_INVALID_ARGUMENT' });
  });
});
