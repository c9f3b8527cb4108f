/**
 * A store of the application that is gone, under a handler of its own: come back later. Hono makes a 500 of whatever it does
 * not know; there the application's `onError` says 503.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import express from 'express';
import Fastify from 'fastify';
import { bulwark as onExpress } from '../../src/adapters/express.ts';
import { bulwark as onFastify } from '../../src/adapters/fastify.ts';
import { bulwark as onNode } from '../../src/adapters/node.ts';
import { StoreDownError } from '../../src/core/errors.ts';
import { type AccountHost, startAccountSite } from '../support/account-site.ts';
import { Visitor } from '../support/visitor.ts';

// Nobody has looked at the session: what failed is a store of accounts, or one of the application's own.
const failing = (): never => {
  throw new StoreDownError('redis://:hunter2@host is gone', false);
};

const HOSTS: Readonly<Record<string, AccountHost>> = {
  'node:http': (policy) => {
    const layer = onNode(policy);
    return { layer, server: layer.createServer(layer.handler(failing)) };
  },
  Express: (policy) => {
    const layer = onExpress(policy);
    const app = express();
    app.set('env', 'test');
    app.use(layer);
    app.get('/', failing);
    return { layer, server: layer.createServer(app) };
  },
  Fastify: async (policy) => {
    const layer = onFastify(policy);
    const app = Fastify({ serverFactory: layer.serverFactory });
    app.get('/', failing);
    await app.ready();
    return { layer, server: app.server };
  },
};

for (const [name, host] of Object.entries(HOSTS)) {
  test(`a store that is gone is 503 and tells nothing, on ${name}`, async (t) => {
    const site = await startAccountSite(host);
    t.after(() => site.stop());
    const page = await new Visitor(site.url).get('/');
    assert.equal(page.status, 503, page.text);
    assert.ok(Number(page.headers.get('retry-after')) > 0);
    assert.doesNotMatch(page.text, /hunter2/);
  });
}
