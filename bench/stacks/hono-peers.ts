/**
 * What people put together on Hono: its own middlewares for headers and CSRF, and the packages that most take for the
 * rest. Of several settings that do the same, the cheapest.
 */
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { csrf } from 'hono/csrf';
import { NONCE, secureHeaders, type SecureHeadersVariables } from 'hono/secure-headers';
import { rateLimiter, RedisStore } from 'hono-rate-limiter';
import { MemoryStore, type Session, type SessionData, sessionMiddleware, type Store } from 'hono-sessions';
import { ACCOUNT, dataOf, IDLE_SECONDS, ORIGIN, renderPage, TOKEN_FIELD } from './application.ts';
import { connectRedis, listening, type Redis } from './listening.ts';
import type { RunningStack, Stack, StackOptions } from './stack.ts';

/** What the application keeps in a session. Its token is made at sign-in: Hono has none of its own. */
interface Own {
  readonly account: string;
  readonly token: string;
}

/** Hono's own, hono-sessions and hono-rate-limiter. (@hono/session encrypts its cookie, and costs more.) */
export const honoPeers: Stack = {
  name: 'hono-peers',
  framework: 'Hono',
  kind: 'peers',
  parts: 'hono/secure-headers, hono/csrf, hono-rate-limiter, hono-sessions; its store in Redis by hand',
  stores: ['memory', 'redis'],
  start,
};

type Variables = { session: Session<Own>; session_key_rotation: boolean } & SecureHeadersVariables;

async function start({ limit, redisUrl }: StackOptions): Promise<RunningStack> {
  const redis = redisUrl === undefined ? undefined : await connectRedis(redisUrl);
  const app = new Hono<{ Variables: Variables }>();
  app.use(secureHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY }));
  app.use(
    rateLimiter({
      windowMs: limit.windowSeconds * 1000,
      limit: limit.count,
      standardHeaders: 'draft-7',
      // The last one is what our own proxy wrote.
      keyGenerator: (c) => c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '',
      ...(redis !== undefined && { store: new RedisStore({ client: limiterClient(redis) }) }),
    }),
  );
  app.use(csrf({ origin: ORIGIN }));
  app.use(
    sessionMiddleware({
      store: redis === undefined ? new MemoryStore() : sessionStore(redis),
      sessionCookieName: '__Host-sid',
      expireAfterSeconds: IDLE_SECONDS,
      autoExtendExpiration: false,
      cookieOptions: { secure: true, httpOnly: true, sameSite: 'Lax', path: '/' },
    }),
  );
  app.get('/', (c) => {
    const session = c.get('session');
    const account = session.get('account') ?? undefined;
    c.header('Cache-Control', 'no-store');
    const nonce = c.get('secureHeadersNonce') ?? '';
    return c.html(renderPage({ account, nonce, token: session.get('token') ?? '' }));
  });
  app.get('/data', (c) => {
    c.header('Cache-Control', 'no-store');
    return c.json(dataOf(c.get('session').get('account') ?? undefined));
  });
  app.post('/sign-in', (c) => {
    c.set('session_key_rotation', true);
    const session = c.get('session');
    session.set('account', ACCOUNT);
    session.set('token', randomBytes(16).toString('base64url'));
    return c.text('done');
  });
  app.post('/form', async (c) => {
    const form = await c.req.parseBody();
    return form[TOKEN_FIELD] === c.get('session').get('token') ? c.text('done') : c.text('Forbidden', 403);
  });
  return listening(createAdaptorServer({ fetch: app.fetch }) as Server, () => redis?.close());
}

/** As helmet has it: Hono has no default of its own. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  baseUri: ["'self'"],
  fontSrc: ["'self'", 'https:', 'data:'],
  formAction: ["'self'"],
  frameAncestors: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  objectSrc: ["'none'"],
  scriptSrc: ["'self'", NONCE],
  scriptSrcAttr: ["'none'"],
  styleSrc: ["'self'", 'https:', "'unsafe-inline'"],
};

function sessionStore(redis: Redis): Store {
  const write = async (id: string, data: SessionData): Promise<void> => {
    await redis.set(`sess:${id}`, JSON.stringify(data), { expiration: { type: 'EX', value: IDLE_SECONDS } });
  };
  return {
    getSessionById: async (id = '') => {
      const text = await redis.get(`sess:${id}`);
      return text === null ? null : (JSON.parse(text) as SessionData);
    },
    createSession: write,
    persistSessionData: write,
    deleteSession: async (id) => void (await redis.del(`sess:${id}`)),
  };
}

type LimiterClient = ConstructorParameters<typeof RedisStore>[0]['client'];

/** hono-rate-limiter speaks to Redis as Upstash's client does. */
function limiterClient(redis: Redis): LimiterClient {
  const client = {
    scriptLoad: (script: string) => redis.scriptLoad(script),
    evalsha: (sha: string, keys: string[], args: string[]) => redis.evalSha(sha, { keys, arguments: args }),
    decr: (key: string) => redis.decr(key),
    del: (...keys: string[]) => redis.del(keys),
  };
  return client as unknown as LimiterClient;
}
