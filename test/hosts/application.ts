/** One small application for every host: what it does badly on purpose, the layer has to make good. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { definePermissions } from '../../src/controls/access/permissions.ts';
import { attachedView, type View } from '../../src/layer/view.ts';

const permissions = definePermissions({
  'paper:read': (principal, paper: { readonly owner: string }) => paper.owner === principal.account,
});

/** A request, as far as the routes look at it. */
export interface Visit {
  readonly query: URLSearchParams;
  readonly view: View;
  /** The whole body, by whatever the framework reads bodies with. */
  readonly body: () => Promise<string>;
}

/** An answer, which each host gives by the means of its framework. */
export interface Reply {
  readonly status?: number;
  /** A name that is there twice is sent twice. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body: string | Buffer;
}

/** A route of the application. */
export type TestRoute = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
} & (
  | { readonly answer: (visit: Visit) => Reply | Promise<Reply> }
  /** Node's own response, which Express, Fastify and Hono all give access to. */
  | { readonly raw: (request: IncomingMessage, response: ServerResponse) => unknown }
);

/** Requests to `/held` wait here until a test lets them go. */
export const held: { arrived: () => void; release: Promise<void> } = {
  arrived: () => undefined,
  release: Promise.resolve(),
};

/** What every host answers where there is no route. */
export const NOTHING: Reply = {
  status: 404,
  headers: [['Content-Type', 'text/plain']],
  body: 'nothing here',
};

function json(value: unknown): Reply {
  return { headers: [['Content-Type', 'application/json']], body: JSON.stringify(value) };
}

export const ROUTES: readonly TestRoute[] = [
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
  // Where a test asks for more than a sign-in, and the page that asks for the proof.
  { method: 'GET', path: '/vault', answer: () => json({ secret: true }) },
  { method: 'POST', path: '/vault', answer: async ({ body }) => json({ read: await body() }) },
  {
    method: 'GET',
    path: '/step-up',
    answer: ({ view, query }) =>
      json({ held: view.heldRequest(query.get('held') ?? undefined) ?? null, token: view.csrfToken }),
  },
  {
    method: 'POST',
    path: '/step-up',
    answer: async ({ view, query }) => {
      await view.session.renew(query.get('proof') === 'mfa' ? { mfa: true } : { signedIn: true });
      const held = await view.takeHeldRequest(query.get('held') ?? undefined);
      return json({ held: held ?? null, token: view.csrfToken });
    },
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
  // A page that is sent as it is made, and looks at who asks when its head has left.
  {
    method: 'GET',
    path: '/streamed',
    raw: async (request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const view = attachedView(request);
      if (searchParams.has('early')) void view?.principal;
      response.setHeader('Content-Type', 'text/plain');
      const cache = searchParams.get('cache');
      if (cache !== null) response.setHeader('Cache-Control', cache);
      const edge = searchParams.get('edge');
      if (edge !== null) response.setHeader('CDN-Cache-Control', edge);
      if (searchParams.has('length')) response.setHeader('Content-Length', 15);
      response.writeHead(200);
      response.write('for all, ');
      await new Promise(setImmediate);
      const name = searchParams.has('never') ? 'nobody' : (view?.principal?.account ?? 'nobody');
      response.end(`${name.padEnd(5)}.`);
    },
  },
  {
    method: 'GET',
    path: '/held',
    answer: async () => {
      held.arrived();
      await held.release;
      return json({ secret: 'for the signed-in only' });
    },
  },
  {
    method: 'GET',
    path: '/held-write',
    answer: async ({ view }) => {
      held.arrived();
      await held.release;
      await view.session.set('draft', 'text');
      return json({ ok: true });
    },
  },
  {
    method: 'GET',
    path: '/large',
    answer: () => ({
      headers: [['Content-Type', 'application/octet-stream']],
      body: Buffer.alloc(64 * 1024 * 1024),
    }),
  },
];
