/** Hono on Node.js: bare, and under Bulwark. */
import type { Server } from 'node:http';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { bulwark } from 'bulwark/hono';
import { Hono } from 'hono';
import { ACCOUNT, dataOf, renderPage } from './application.ts';
import { benchPolicy } from './bulwark.ts';
import { listening } from './listening.ts';
import type { Stack } from './stack.ts';

/** Two routes and no more. */
export const honoBare: Stack = {
  name: 'hono-bare',
  framework: 'Hono',
  kind: 'bare',
  parts: 'hono, @hono/node-server',
  stores: ['memory'],
  start: () => {
    const app = new Hono();
    app.get('/', (c) => c.html(renderPage({ account: undefined, nonce: '', token: '' })));
    app.get('/data', (c) => c.json(dataOf(undefined)));
    return listening(createAdaptorServer({ fetch: app.fetch }) as Server);
  },
};

/** The same routes under the layer. */
export const honoBulwark: Stack = {
  name: 'hono-bulwark',
  framework: 'Hono',
  kind: 'bulwark',
  parts: 'bulwark/hono',
  stores: ['memory', 'redis'],
  start: async (options) => {
    const [policy, ...cleanups] = await benchPolicy(options);
    const layer = bulwark(policy);
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.get('/', (c) => {
      const { principal, nonce, csrfToken } = bulwark.of(c);
      return c.html(renderPage({ account: principal?.account, nonce, token: csrfToken }));
    });
    app.get('/data', (c) => c.json(dataOf(bulwark.of(c).principal?.account)));
    app.post('/sign-in', async (c) => {
      await bulwark.of(c).session.signIn({ account: ACCOUNT });
      return c.text('done');
    });
    app.post('/form', (c) => c.text('done'));
    return listening(
      createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server,
      () => layer.close(),
      ...cleanups,
    );
  },
};
