/** Sites that are not Bulwark: two that have everything wrong, one that is well kept, one that answers nothing. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { csrfSync } from 'csrf-sync';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';
import helmet from 'helmet';
import { plainServers, type Site, startSite } from './site.ts';

declare module 'express-session' {
  interface SessionData {
    account?: string;
  }
}

/** Says nothing of itself that a browser could go by, and answers whatever comes. */
export function bareSite(): Promise<Site> {
  return loose((request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    response.setHeader('Content-Type', 'text/html');
    if (request.headers['content-type'] === 'application/json') fail(response);
    else if (request.method === 'TRACE') response.end(request.rawHeaders.join('\n'));
    else if (path === '/.env') response.end('API_KEY=hunter2hunter2');
    else if (path === '/.git/HEAD') response.end('ref: refs/heads/main');
    else if (isFileOutside(path)) response.end('root:x:0:0:root:/root:/bin/bash\n');
    else if (path === '/' || request.method !== 'GET') answerBare(request, response);
    else fail(response);
  });
}

function answerBare({ headers, method }: IncomingMessage, response: ServerResponse): void {
  const asked = headers['x-http-method-override'];
  if (asked === 'OPTIONS') response.setHeader('Allow', 'GET, POST');
  if (asked === 'OPTIONS' || method === 'OPTIONS') {
    response.setHeader('Allow', 'GET, POST');
    response.end();
    return;
  }
  response.setHeader('Set-Cookie', ['sid=0123456789abcdef0123456789', 'theme=light-as-day']);
  response.setHeader('X-Powered-By', 'PHP/5.2');
  const host = headers['x-forwarded-host'] ?? headers.host;
  response.end(`<title>Front</title><a href="http://${String(host)}/">home</a><form method=post></form>`);
}

/** Says much, and all of it wrongly. */
export function wrongSite(): Promise<Site> {
  return loose((request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('Server', 'Apache/2.2.3');
    if (request.headers['x-forwarded-proto'] === 'https') {
      response.end('<title>Front</title>');
      return;
    }
    if (!(request.socket as { encrypted?: boolean }).encrypted || path === '/moved') {
      // 307, so that forms come along.
      response.writeHead(307, { Location: `http://${request.headers.host}/` }).end();
      return;
    }
    if (path !== '/') {
      fail(response);
      return;
    }
    response.setHeader('Strict-Transport-Security', 'max-age=300');
    response.setHeader('Set-Cookie', [
      'session=0123456789abcdef; Domain=example.com; SameSite=None',
      '__Host-a=0123456789; Domain=example.com',
      'theme=as-it-comes; SameSite=None',
    ]);
    response.setHeader('Cache-Control', 'public, max-age=60');
    response.setHeader(
      'Content-Security-Policy',
      "script-src 'unsafe-inline' * 'unsafe-eval'; style-src 'nonce-short'; object-src *; base-uri 'self'; form-action *; frame-ancestors *",
    );
    if (request.headers.origin !== undefined)
      response.setHeader('Access-Control-Allow-Origin', request.headers.origin);
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    response.setHeader('X-Frame-Options', 'ALLOW-FROM https://attacker.example');
    response.setHeader('X-Content-Type-Options', 'sniff');
    response.setHeader('Referrer-Policy', 'unsafe-url');
    response.setHeader('Cross-Origin-Opener-Policy', 'unsafe-none');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    response.setHeader('Permissions-Policy', 'camera=*, microphone=*, geolocation=*');
    response.end('<title>Front</title><script nonce="other">1</script>');
  });
}

/** What people put together on Express from well-known packages, each set up as its documentation asks. */
export function innocentSite(): Promise<Site> {
  const app = express();
  app.set('env', 'production');
  app.use((request, response, next) => {
    if (request.secure) next();
    else response.redirect(301, `https://example.com${request.url}`);
  });
  app.use((_request, response, next) => {
    response.locals['nonce'] = randomBytes(16).toString('base64');
    next();
  });
  app.use(
    helmet({
      contentSecurityPolicy: {
        directives: {
          scriptSrc: [
            "'self'",
            (_request, response) => `'nonce-${(response as express.Response).locals['nonce'] as string}'`,
          ],
        },
      },
    }),
  );
  app.use(rateLimit({ windowMs: 60_000, limit: 500, standardHeaders: 'draft-8', legacyHeaders: false }));
  app.use(
    session({
      secret: 'kV3nR8yQ0sXw5TzB1mJd7LfHc2Gp9eUo4iAaZxNqWvErYt6b',
      resave: false,
      saveUninitialized: false,
      cookie: { secure: true, httpOnly: true, sameSite: 'lax' },
    }),
  );
  const { csrfSynchronisedProtection, generateToken } = csrfSync({
    getTokenFromRequest: (request) => (request.body as { token?: string } | undefined)?.token ?? '',
    skipCsrfProtection: (request) => request.session.account === undefined,
  });
  app.use(express.urlencoded({ extended: false }), express.json(), csrfSynchronisedProtection);
  app.get('/', (request, response) => {
    const nonce = response.locals['nonce'] as string;
    const form =
      request.session.account === undefined
        ? ''
        : `<form method="post" action="/notes"><input type="hidden" name="token" value="${generateToken(request)}"></form>`;
    if (form !== '') response.set('Cache-Control', 'no-store');
    response.cookie('theme', 'dark', { secure: true, httpOnly: true, sameSite: 'lax' });
    response.send(
      `<!doctype html><title>Front</title><a href="/home/office/chairs.html">chairs</a><script nonce="${nonce}">1</script>${form}`,
    );
  });
  app.post('/sign-in', (request, response) => {
    request.session.account = 'ada';
    response.set('Cache-Control', 'no-store').json({ ok: true });
  });
  app.post('/notes', (_request, response) => response.redirect(303, '/'));
  app.use((_request, response) => {
    response
      .status(404)
      .send('<!doctype html><title>Nothing here</title><a href="/home/office/index.js">home</a>');
  });
  app.use(((error, _request, response, _next) => {
    const { status = 500 } = error as { status?: number };
    response.status(status).send('<!doctype html><title>That did not work</title>');
  }) satisfies express.ErrorRequestHandler);
  return startSite(plainServers(app as RequestListener), async (visitor) => {
    await visitor.ask({ method: 'POST', target: '/sign-in' });
  });
}

/** An API that has nothing at these addresses: 404 for what reads, 405 for the rest. */
export function silentSite(): Promise<Site> {
  return startSite(
    plainServers((request, response) => {
      const reads = request.method === 'GET' || request.method === 'HEAD';
      response.writeHead(reads ? 404 : 405, {
        'Content-Type': 'application/json',
        'X-Content-Type-Options': 'nosniff',
        ...(!reads && { Allow: 'GET, HEAD' }),
      });
      response.end(request.method === 'HEAD' ? undefined : '{"error":"not here"}');
    }),
  );
}

function loose(listener: RequestListener): Promise<Site> {
  const servers = plainServers(listener);
  for (const server of servers) {
    server.on('upgrade', (request, socket) => {
      const to = request.headers.upgrade ?? '';
      socket.end(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${to}\r\nConnection: Upgrade\r\n\r\n`);
    });
  }
  return startSite(servers);
}

/** Everything that a path could be cut, decoded or resolved to. */
function isFileOutside(path: string): boolean {
  const plain = path.replaceAll('%25', '%').replaceAll(/%2f/gi, '/').replace(/%00.*/, '');
  return plain.endsWith('/etc/passwd');
}

function fail(response: ServerResponse): void {
  response.statusCode = 500;
  response.end('Error: no\n    at Object.<anonymous> (/srv/app/index.js:1:1)');
}
