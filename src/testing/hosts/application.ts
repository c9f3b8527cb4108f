/** One small application for every host: what it does badly on purpose, the layer has to make good. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { definePermissions } from '../../controls/access/permissions.ts';
import type { View } from '../../layer/view.ts';

const permissions = definePermissions({
  'paper:read': (principal, paper: { readonly owner: string }) => paper.owner === principal.account,
});

/** A request, as far as the routes look at it. */
export interface Visit {
  /** Of the request target. */
  readonly query: URLSearchParams;
  /** What the layer knows of the request: `bulwark.of(request)`. */
  readonly view: View;
  /** The whole body, by whatever the framework reads bodies with. */
  readonly body: () => Promise<string>;
}

/** An answer, which each host gives by the means of its framework. */
export interface Reply {
  /** 200, where none is named. */
  readonly status?: number;
  /** A name that is there twice is sent twice. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body: string | Buffer;
}

/** A route of the application. What it throws goes to the framework, as what a handler throws does. */
export type TestRoute = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
} & (
  | { readonly answer: (visit: Visit) => Reply | Promise<Reply> }
  /** Node's own response, for frameworks that give access to it. */
  | { readonly raw: (request: IncomingMessage, response: ServerResponse) => unknown }
);

/** What every host answers where there is no route. */
export const NOTHING: Reply = {
  status: 404,
  headers: [['Content-Type', 'text/plain']],
  body: 'nothing here',
};

/** An answer of JSON. */
export function json(value: unknown): Reply {
  return { headers: [['Content-Type', 'application/json']], body: JSON.stringify(value) };
}

/** The routes that the conformance of hosts asks for. */
export const APPLICATION: readonly TestRoute[] = [
  {
    method: 'GET',
    path: '/',
    answer: ({ view }) => ({
      headers: [['Content-Type', 'text/html; charset=utf-8']],
      body: `<!doctype html><title>Page</title><script nonce="${view.nonce}">1</script>`,
    }),
  },
  { method: 'GET', path: '/json', answer: () => json({ ok: true }) },
  {
    method: 'GET',
    path: '/me',
    answer: ({ view }) => json({ account: view.principal?.account ?? null, token: view.csrfToken }),
  },
  { method: 'GET', path: '/members/page', answer: () => json({ secret: true }) },
  { method: 'GET', path: '/operators/page', answer: () => json({ secret: true }) },
  {
    method: 'POST',
    path: '/sign-in',
    answer: async ({ view, query }) => {
      await view.session.signIn({ account: query.get('account') ?? 'nobody', roles: ['client'] });
      return json({ ok: true });
    },
  },
  {
    method: 'POST',
    path: '/login',
    // A limit has looked at the body, and it must be whole all the same.
    answer: async ({ body }) => json({ ok: false, read: await body() }),
  },
  {
    method: 'POST',
    path: '/sign-out',
    answer: async ({ view }) => {
      await view.session.signOut();
      return json({ ok: true });
    },
  },
  {
    method: 'POST',
    path: '/echo',
    answer: async ({ body }) => json({ bytes: (await body()).length }),
  },
  {
    method: 'GET',
    path: '/throw',
    answer: () => {
      throw new Error('the database password is hunter2');
    },
  },
  {
    method: 'GET',
    path: '/papers',
    answer: ({ view, query }) => {
      permissions.require(view, 'paper:read', { owner: query.get('owner') ?? '' }, 'paper-7');
      return json({ secret: true });
    },
  },
  {
    method: 'GET',
    path: '/broken',
    answer: () => ({
      status: 500,
      headers: [
        ['Content-Type', 'text/plain'],
        ['ETag', '"x"'],
      ],
      body: 'Error: at /srv/app/index.js:1',
    }),
  },
  {
    method: 'GET',
    path: '/broken-head',
    raw: (_request, response) => {
      response.writeHead(500, { 'Content-Type': 'text/plain', 'Content-Length': '28', ETag: '"x"' });
      response.end('Error: at /srv/app/index.js:1');
    },
  },
  {
    method: 'GET',
    path: '/sloppy',
    answer: () => ({
      headers: [
        ['X-Powered-By', 'PHP/5.2'],
        ['Server', 'Apache/2.2'],
        ['Set-Cookie', 'theme=dark'],
        ['Set-Cookie', 'cart=1; SameSite=None; Domain=example.com'],
        ['Set-Cookie', '__Host-sid=planted'],
        ['Content-Security-Policy', "default-src 'self'"],
        ['Content-Type', 'text/html'],
      ],
      body: '<p>sloppy</p>',
    }),
  },
  {
    method: 'GET',
    path: '/download',
    answer: ({ view }) => ({
      status: view.principal === undefined ? 404 : 200,
      headers: [
        ['Content-Type', 'text/plain'],
        ['Cache-Control', 'public, max-age=31536000'],
      ],
      body: 'a private file',
    }),
  },
  {
    method: 'GET',
    path: '/raw-head',
    raw: (_request, response) => {
      response.writeHead(200, ['Content-Type', 'text/plain', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
      response.write('two ');
      response.end('pieces');
    },
  },
];

/**
 * Answers by the means of Node.js alone: for hosts whose handlers are given its request and response.
 *
 * @param routes - the application, as the host was given it
 */
export async function serveRoutes(
  routes: readonly TestRoute[],
  request: IncomingMessage,
  response: ServerResponse,
  view: View,
): Promise<void> {
  const { method, url = '/' } = request;
  const { pathname, searchParams: query } = new URL(url, 'http://localhost');
  const route = routes.find((one) => one.path === pathname && (one.method === method || method === 'HEAD'));
  if (route !== undefined && 'raw' in route) {
    await route.raw(request, response);
    return;
  }
  const visit = { query, view, body: () => wholeBody(request) };
  const { status = 200, headers = [], body } = route === undefined ? NOTHING : await route.answer(visit);
  response.statusCode = status;
  for (const [name, value] of headers) response.appendHeader(name, value);
  response.end(body);
}

async function wholeBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
