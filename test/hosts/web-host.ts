/** The routes of the tests as a handler of the web, and a server of Node.js that speaks to it in a `Request` and a `Response`. */
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { bulwark } from '../../src/adapters/web.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { NOTHING, type TestRoute } from '../../src/testing/hosts/application.ts';
import { ROUTES } from './application.ts';
import { type Host, listen, testPolicy } from './hosts.ts';

/** What routes that write by Node's own response answer, as it is said here. */
const RAW: Readonly<Record<string, () => Response>> = {
  '/broken-head': () =>
    new Response('Error: at /srv/app/index.js:1', {
      status: 500,
      headers: { 'Content-Type': 'text/plain', ETag: '"x"' },
    }),
  '/raw-head': () => {
    const headers = new Headers({ 'Content-Type': 'text/plain' });
    for (const cookie of ['a=1', 'b=2']) headers.append('Set-Cookie', cookie);
    return new Response('two pieces', { headers });
  },
};

/** An application of these routes. */
export function webApplication(routes: readonly TestRoute[]): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname, searchParams: query } = new URL(request.url);
    const route = routes.find(
      ({ path, method }) => path === pathname && (method === request.method || request.method === 'HEAD'),
    );
    if (route !== undefined && 'raw' in route)
      return RAW[pathname]?.() ?? new Response(null, { status: 501 });
    const visit = { query, view: bulwark.of(request), body: () => request.text() };
    const { status = 200, headers = [], body } = route === undefined ? NOTHING : await route.answer(visit);
    return new Response(body as string, { status, headers: headers as [string, string][] });
  };
}

/** The test application by way of `bulwark/web`. */
export const webHost: Host = (policy) => {
  const events: AuditEvent[] = [];
  const layer = bulwark(testPolicy(events, policy));
  const fetch = layer.handler(webApplication(ROUTES)) as (
    request: Request,
    beside: object,
  ) => Promise<Response>;
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
  return listen(layer, server, events);
};
