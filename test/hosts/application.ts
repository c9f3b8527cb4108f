/** One small application for every host: what it does badly on purpose, the layer has to make good. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { View } from '../../src/host/view.ts';

/** A handler on Node's own request and response, which Express, Fastify and Hono all give access to. */
export interface TestRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly handle: (request: IncomingMessage, response: ServerResponse, view: View) => unknown;
}

/** Requests to `/held` wait here until a test lets them go. */
export const held: { arrived: () => void; release: Promise<void> } = {
  arrived: () => undefined,
  release: Promise.resolve(),
};

/** Ends with JSON. */
function json(response: ServerResponse, value: unknown): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(value));
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? '/', 'http://localhost').searchParams;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

export const ROUTES: readonly TestRoute[] = [
  {
    method: 'GET',
    path: '/',
    handle: (_request, response, view) => {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><title>Page</title><script nonce="${view.nonce}">1</script>`);
    },
  },
  { method: 'GET', path: '/json', handle: (_request, response) => json(response, { ok: true }) },
  {
    method: 'GET',
    path: '/me',
    handle: (_request, response, view) =>
      json(response, { account: view.principal?.account ?? null, token: view.csrfToken }),
  },
  { method: 'GET', path: '/members/page', handle: (_request, response) => json(response, { secret: true }) },
  {
    method: 'GET',
    path: '/operators/page',
    handle: (_request, response) => json(response, { secret: true }),
  },
  {
    method: 'POST',
    path: '/sign-in',
    handle: async (request, response, view) => {
      await view.session.signIn({ account: queryOf(request).get('account') ?? 'nobody', roles: ['client'] });
      json(response, { ok: true });
    },
  },
  { method: 'POST', path: '/login', handle: (_request, response) => json(response, { ok: false }) },
  {
    method: 'POST',
    path: '/sign-out',
    handle: async (_request, response, view) => {
      await view.session.signOut();
      json(response, { ok: true });
    },
  },
  {
    method: 'POST',
    path: '/echo',
    handle: async (request, response) => json(response, { bytes: (await bodyOf(request)).length }),
  },
  {
    method: 'GET',
    path: '/throw',
    handle: () => {
      throw new Error('the database password is hunter2');
    },
  },
  {
    method: 'GET',
    path: '/broken',
    handle: (_request, response) => {
      response.writeHead(500, { 'Content-Type': 'text/plain', 'Content-Length': '28', ETag: '"x"' });
      response.end('Error: at /srv/app/index.js:1');
    },
  },
  {
    method: 'GET',
    path: '/sloppy',
    handle: (_request, response) => {
      response.setHeader('X-Powered-By', 'PHP/5.2');
      response.setHeader('Server', 'Apache/2.2');
      response.setHeader('Set-Cookie', [
        'theme=dark',
        'cart=1; SameSite=None; Domain=example.com',
        '__Host-sid=planted',
      ]);
      response.setHeader('Content-Security-Policy', "default-src 'self'");
      response.setHeader('Content-Type', 'text/html');
      response.end('<p>sloppy</p>');
    },
  },
  {
    method: 'GET',
    path: '/download',
    handle: (_request, response, view) => {
      if (view.principal === undefined) response.statusCode = 404;
      response.setHeader('Cache-Control', 'public, max-age=31536000');
      response.end('a private file');
    },
  },
  {
    method: 'GET',
    path: '/raw-head',
    handle: (_request, response) => {
      response.writeHead(200, ['Content-Type', 'text/plain', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
      response.write('two ');
      response.end('pieces');
    },
  },
  {
    method: 'GET',
    path: '/held',
    handle: async (_request, response) => {
      held.arrived();
      await held.release;
      json(response, { secret: 'for the signed-in only' });
    },
  },
  {
    method: 'GET',
    path: '/held-write',
    handle: async (_request, response, view) => {
      held.arrived();
      await held.release;
      await view.session.set('draft', 'text');
      json(response, { ok: true });
    },
  },
  {
    method: 'GET',
    path: '/large',
    handle: (_request, response) => {
      response.end(Buffer.alloc(64 * 1024 * 1024));
    },
  },
];
