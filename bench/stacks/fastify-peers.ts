/**
 * What people put together on Fastify: its own plugins, each set up as its documentation asks for production. Of
 * several settings that do the same, the cheapest.
 */
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { fastifyCookie } from '@fastify/cookie';
import { fastifyCsrfProtection } from '@fastify/csrf-protection';
import { fastifyFormbody } from '@fastify/formbody';
import { fastifyHelmet } from '@fastify/helmet';
import { fastifyRateLimit } from '@fastify/rate-limit';
import { fastifySession } from '@fastify/session';
import { RedisStore } from 'connect-redis';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import helmet from 'helmet';
import { Redis as IoRedis } from 'ioredis';
import { ACCOUNT, dataOf, IDLE_SECONDS, renderPage, SECRET } from './application.ts';
import { HTML, startFastify } from './fastify.ts';
import { connectRedis } from './listening.ts';
import type { RunningStack, Stack, StackOptions } from './stack.ts';

declare module 'fastify' {
  interface Session {
    account?: string;
  }
}

const PARTS = '@fastify/session, @fastify/csrf-protection, @fastify/rate-limit; connect-redis, ioredis';

/** The framework's own plugins. */
export const fastifyPeers: Stack = {
  name: 'fastify-peers',
  framework: 'Fastify',
  kind: 'peers',
  parts: `@fastify/helmet, ${PARTS}`,
  stores: ['memory', 'redis'],
  start: (options) =>
    startPeers(options, async (app) => {
      await app.register(fastifyHelmet, { enableCSPNonces: true });
      return ({ cspNonce }) => cspNonce.script;
    }),
};

/** The same, but with helmet itself in a hook: the plugin makes it anew for each request. */
export const fastifyLean: Stack = {
  name: 'fastify-lean',
  framework: 'Fastify',
  kind: 'lean',
  parts: `helmet in a hook, ${PARTS}`,
  stores: ['memory', 'redis'],
  start: (options) =>
    startPeers(options, (app) => {
      const secure = helmet({
        xPoweredBy: false,
        contentSecurityPolicy: {
          directives: {
            scriptSrc: ["'self'", (_request, response) => `'nonce-${(response as WithNonce).nonce}'`],
          },
        },
      });
      app.addHook('onRequest', ({ raw }, reply, done) => {
        (reply.raw as WithNonce).nonce = randomBytes(16).toString('base64');
        secure(raw, reply.raw, (error?: unknown) => done(error as Error | undefined));
      });
      return Promise.resolve((reply) => (reply.raw as WithNonce).nonce ?? '');
    }),
};

interface WithNonce extends ServerResponse {
  nonce?: string;
}

type ReadNonce = (reply: FastifyReply) => string;

async function startPeers(
  { limit, redisUrl }: StackOptions,
  addHeaders: (app: FastifyInstance) => Promise<ReadNonce>,
): Promise<RunningStack> {
  const app = fastify({ trustProxy: (_address, hop) => hop === 0 });
  const redis = redisUrl === undefined ? undefined : await connectRedis(redisUrl);
  // @fastify/rate-limit takes no client but this one; options as its README has them.
  const limiterRedis =
    redisUrl === undefined
      ? undefined
      : new IoRedis(redisUrl, { connectTimeout: 500, maxRetriesPerRequest: 1, retryStrategy: () => null });
  const nonceOf = await addHeaders(app);
  await app.register(fastifyRateLimit, {
    max: limit.count,
    timeWindow: limit.windowSeconds * 1000,
    enableDraftSpec: true,
    ...(limiterRedis !== undefined && { redis: limiterRedis }),
  });
  await app.register(fastifyFormbody);
  await app.register(fastifyCookie);
  await app.register(fastifySession, {
    cookieName: '__Host-sid',
    secret: SECRET,
    saveUninitialized: false,
    rolling: false,
    cookie: { secure: true, sameSite: 'lax' },
    ...(redis !== undefined && { store: new RedisStore({ client: redis, ttl: IDLE_SECONDS }) }),
  });
  await app.register(fastifyCsrfProtection, { sessionPlugin: '@fastify/session' });
  addRoutes(app, nonceOf);
  return startFastify(
    app,
    () => redis?.close(),
    () => limiterRedis?.quit(),
  );
}

function addRoutes(app: FastifyInstance, nonceOf: ReadNonce): void {
  app.addHook('preValidation', (request, reply, done) => {
    // A token for a visitor would store a session for each of them: the sign-in goes without.
    const isSafe = request.method === 'GET' || request.session.account === undefined;
    if (isSafe) done();
    else app.csrfProtection(request, reply, done);
  });
  app.get('/', ({ session: { account } }, reply) => {
    const token = account === undefined ? '' : reply.generateCsrf();
    return reply
      .header('Cache-Control', 'no-store')
      .type(HTML)
      .send(renderPage({ account, nonce: nonceOf(reply), token }));
  });
  app.get('/data', ({ session: { account } }, reply) =>
    reply.header('Cache-Control', 'no-store').send(dataOf(account)),
  );
  app.post('/sign-in', async (request) => {
    await request.session.regenerate();
    request.session.account = ACCOUNT;
    return 'done';
  });
  app.post('/form', () => Promise.resolve('done'));
}
