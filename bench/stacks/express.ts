/** Express: bare, and under Bulwark. */
import { bulwark } from 'bulwark/express';
import express, { type Express } from 'express';
import { ACCOUNT, dataOf, renderPage } from './application.ts';
import { BULWARK_STORES, benchPolicy } from './bulwark.ts';
import { listening } from './listening.ts';
import type { Stack } from './stack.ts';
import { createServer } from 'node:http';

/** Two routes and no more. */
export const expressBare: Stack = {
  name: 'express-bare',
  framework: 'Express',
  kind: 'bare',
  parts: 'express',
  stores: ['memory'],
  start: () => {
    const app = newApp();
    app.get('/', (_request, response) => {
      response.send(renderPage({ account: undefined, nonce: '', token: '' }));
    });
    app.get('/data', (_request, response) => {
      response.json(dataOf(undefined));
    });
    return listening(createServer(app));
  },
};

/** The same routes under the layer. */
export const expressBulwark: Stack = {
  name: 'express-bulwark',
  framework: 'Express',
  kind: 'bulwark',
  parts: 'bulwark/express',
  stores: BULWARK_STORES,
  start: async (options) => {
    const [policy, ...cleanups] = await benchPolicy(options);
    const layer = bulwark(policy);
    const app = newApp();
    app.use(layer);
    app.get('/', (request, response) => {
      const { principal, nonce, csrfToken } = bulwark.of(request);
      response.send(renderPage({ account: principal?.account, nonce, token: csrfToken }));
    });
    app.get('/data', (request, response) => {
      response.json(dataOf(bulwark.of(request).principal?.account));
    });
    app.post('/sign-in', async (request, response) => {
      await bulwark.of(request).session.signIn({ account: ACCOUNT });
      response.send('done');
    });
    app.post('/form', (_request, response) => {
      response.send('done');
    });
    return listening(layer.createServer(app), () => layer.close(), ...cleanups);
  },
};

/** An application as every stack on Express begins. */
export function newApp(): Express {
  return express().disable('x-powered-by');
}
