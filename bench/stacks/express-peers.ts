/**
 * What people put together on Express, each part set up as its own documentation asks for production. Of several
 * settings that do the same, the cheapest.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { RedisStore as SessionRedisStore } from 'connect-redis';
import cookieParser from 'cookie-parser';
import { doubleCsrf } from 'csrf-csrf';
import { csrfSync } from 'csrf-sync';
import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';
import helmet from 'helmet';
import { RedisStore as LimitRedisStore } from 'rate-limit-redis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { ACCOUNT, dataOf, IDLE_SECONDS, type Limit, renderPage, SECRET, TOKEN_FIELD } from './application.ts';
import { newApp } from './express.ts';
import { connectRedis, listening, type Redis } from './listening.ts';
import type { RunningStack, Stack, StackOptions } from './stack.ts';

declare module 'express-session' {
  interface SessionData {
    account?: string;
  }
}

/** The packages with the most downloads for each control. */
export const expressPeers: Stack = {
  name: 'express-peers',
  framework: 'Express',
  kind: 'peers',
  parts:
    'helmet, express-session, csrf-csrf with cookie-parser, express-rate-limit; connect-redis, rate-limit-redis',
  stores: ['memory', 'redis'],
  start: (options) =>
    startPeers(options, (redis) => {
      const { doubleCsrfProtection } = doubleCsrf({
        getSecret: () => SECRET,
        // Before the sign-in no session is stored, and its id is another one at each request.
        getSessionIdentifier: ({ session: { account, id } }) => (account === undefined ? '' : id),
        getCsrfTokenFromRequest: tokenOf,
      });
      return {
        limiter: rateLimit({
          windowMs: options.limit.windowSeconds * 1000,
          limit: options.limit.count,
          standardHeaders: 'draft-7',
          legacyHeaders: false,
          ...(redis !== undefined && {
            store: new LimitRedisStore({ sendCommand: (...args: string[]) => redis.sendCommand(args) }),
          }),
        }),
        disableTouch: false,
        csrf: [cookieParser(), express.urlencoded({ extended: false }), doubleCsrfProtection],
        token: (request) => request.csrfToken?.() ?? '',
      };
    }),
};

/**
 * The cheapest packages: the token lies in the session, the limiter's headers are set by hand, and in Redis a session
 * lasts for a fixed time, used or not.
 */
export const expressLean: Stack = {
  name: 'express-lean',
  framework: 'Express',
  kind: 'lean',
  parts: 'helmet, express-session, csrf-sync, rate-limiter-flexible; connect-redis',
  stores: ['memory', 'redis'],
  start: (options) =>
    startPeers(options, (redis) => {
      const { csrfSynchronisedProtection, generateToken } = csrfSync({
        getTokenFromRequest: tokenOf,
        size: 32,
        // A token for a visitor would store a session for each of them: the sign-in goes without.
        skipCsrfProtection: ({ session: { account } }) => account === undefined,
      });
      return {
        limiter: flexibleLimiter(options.limit, redis),
        disableTouch: true,
        csrf: [express.urlencoded({ extended: false }), csrfSynchronisedProtection],
        token: (request) => (request.session.account === undefined ? '' : generateToken(request)),
      };
    }),
};

interface Parts {
  readonly limiter: RequestHandler;
  /** Whether a use does not put off the end of a session: one trip to Redis less. */
  readonly disableTouch: boolean;
  readonly csrf: readonly RequestHandler[];
  readonly token: (request: Request) => string;
}

async function startPeers(
  options: StackOptions,
  choose: (redis: Redis | undefined) => Parts,
): Promise<RunningStack> {
  const redis = options.redisUrl === undefined ? undefined : await connectRedis(options.redisUrl);
  const { limiter, csrf, token, disableTouch } = choose(redis);
  const app = newApp();
  app.set('trust proxy', 1);
  addHeaders(app);
  app.use(limiter);
  app.use(
    session({
      name: '__Host-sid',
      secret: SECRET,
      resave: false,
      saveUninitialized: false,
      cookie: { secure: true, sameSite: 'lax' },
      ...(redis !== undefined && {
        store: new SessionRedisStore({ client: redis, ttl: IDLE_SECONDS, disableTouch }),
      }),
    }),
  );
  app.use(...csrf);
  addRoutes(app, token);
  return listening(createServer(app), () => redis?.close());
}

function addHeaders(app: Express): void {
  app.use((_request, response, next) => {
    response.locals['nonce'] = randomBytes(16).toString('base64');
    next();
  });
  app.use(
    helmet({
      xPoweredBy: false,
      contentSecurityPolicy: {
        directives: {
          scriptSrc: [
            "'self'",
            (_request, response) =>
              `'nonce-${(response as unknown as { locals: { nonce: string } }).locals.nonce}'`,
          ],
        },
      },
    }),
  );
}

function addRoutes(app: Express, token: (request: Request) => string): void {
  app.get('/', (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    const nonce = response.locals['nonce'] as string;
    response.send(renderPage({ account: request.session.account, nonce, token: token(request) }));
  });
  app.get('/data', (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.json(dataOf(request.session.account));
  });
  app.post('/sign-in', (request, response, next) => {
    request.session.regenerate((error) => {
      if (error !== undefined && error !== null) return next(error);
      request.session.account = ACCOUNT;
      return response.send('done');
    });
  });
  app.post('/form', (_request, response) => {
    response.send('done');
  });
  app.use((error: { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
    response.status(error.status ?? 500).send('Refused');
  });
}

function flexibleLimiter({ count, windowSeconds }: Limit, redis: Redis | undefined): RequestHandler {
  const limits = { points: count, duration: windowSeconds };
  const limiter =
    redis === undefined
      ? new RateLimiterMemory(limits)
      : new RateLimiterRedis({ ...limits, storeClient: redis, useRedisPackage: true });
  const policy = `${count};w=${windowSeconds}`;
  return (request, response, next) => {
    limiter.consume(request.ip ?? '').then(
      ({ remainingPoints, msBeforeNext }) => {
        response.setHeader('RateLimit-Policy', policy);
        response.setHeader(
          'RateLimit',
          `limit=${count}, remaining=${remainingPoints}, reset=${Math.ceil(msBeforeNext / 1000)}`,
        );
        next();
      },
      (refusal: unknown) => {
        if (refusal instanceof Error) next(refusal);
        else response.status(429).send('Too many requests');
      },
    );
  };
}

function tokenOf({ body }: Request): string | undefined {
  return (body as Record<string, string | undefined> | undefined)?.[TOKEN_FIELD];
}
