/** Fastify: bare, and under Bulwark. */
import { bulwark } from 'bulwark/fastify';
import fastify, { type FastifyInstance } from 'fastify';
import { ACCOUNT, dataOf, renderPage } from './application.ts';
import { benchPolicy } from './bulwark.ts';
import { type Cleanup, listening } from './listening.ts';
import type { RunningStack, Stack } from './stack.ts';

/** Two routes and no more. */
export const fastifyBare: Stack = {
  name: 'fastify-bare',
  framework: 'Fastify',
  kind: 'bare',
  parts: 'fastify',
  stores: ['memory'],
  start: () => {
    const app = fastify();
    app.get('/', (_request, reply) =>
      reply.type(HTML).send(renderPage({ account: undefined, nonce: '', token: '' })),
    );
    app.get('/data', () => Promise.resolve(dataOf(undefined)));
    return startFastify(app);
  },
};

/** The same routes under the layer. */
export const fastifyBulwark: Stack = {
  name: 'fastify-bulwark',
  framework: 'Fastify',
  kind: 'bulwark',
  parts: 'bulwark/fastify',
  stores: ['memory', 'redis'],
  start: async (options) => {
    const [policy, ...cleanups] = await benchPolicy(options);
    const layer = bulwark(policy);
    const app = fastify({ serverFactory: layer.serverFactory });
    app.get('/', (request, reply) => {
      const { principal, nonce, csrfToken } = bulwark.of(request);
      return reply.type(HTML).send(renderPage({ account: principal?.account, nonce, token: csrfToken }));
    });
    app.get('/data', (request) => Promise.resolve(dataOf(bulwark.of(request).principal?.account)));
    app.addContentTypeParser(FORM, (_request, payload, done) => {
      payload.resume().once('end', () => done(null, undefined));
    });
    app.post('/sign-in', async (request) => {
      await bulwark.of(request).session.signIn({ account: ACCOUNT });
      return 'done';
    });
    app.post('/form', () => Promise.resolve('done'));
    return startFastify(app, () => layer.close(), ...cleanups);
  },
};

/** What pages are. */
export const HTML = 'text/html; charset=utf-8';
const FORM = 'application/x-www-form-urlencoded';

/** Listens with an application. `cleanups` run after it is closed. */
export async function startFastify(app: FastifyInstance, ...cleanups: Cleanup[]): Promise<RunningStack> {
  await app.ready();
  return listening(app.server, () => app.close(), ...cleanups);
}
