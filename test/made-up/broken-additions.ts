/** Guards, hosts and a control with one thing wrong each: `node broken-additions.ts NAME` runs the suite over one of them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Exchange, eventOf, type OwnGuard, type Verdict } from 'bulwark';
import { bulwark } from 'bulwark/node';
import {
  guardConformance,
  holds,
  hostConformance,
  openRecorder,
  serveRoutes,
  type StartHost,
} from 'bulwark/testing';

const NO = { status: 403, type: 'no', title: 'No', detail: 'No.' };
const isBad = ({ path }: Exchange): boolean => path === '/bad';
const UNTOLD = { name: 'untold', level: 'info', meaning: 'It is in no list.', details: {} } as const;

const GUARDS: Readonly<Record<string, (exchange: Exchange) => Verdict>> = {
  'a guard that refuses nobody': () => undefined,
  'a guard that refuses everybody': () => NO,
  'a guard that acts beside its verdict': (exchange) => {
    if (!isBad(exchange)) return undefined;
    exchange.extraHeaders.push(['X-Seen', 'bad']);
    return NO;
  },
  'a guard whose event nobody declared': (exchange) =>
    isBad(exchange) ? { ...NO, event: eventOf(UNTOLD, {}) } : undefined,
};

const listens: (server: ReturnType<typeof createServer>) => ReturnType<StartHost> = async (server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
};

const HOSTS: Readonly<Record<string, StartHost>> = {
  'a host that has its own policy': (policy, routes) => {
    const layer = bulwark({ ...policy, csrf: { mode: 'enforce' } });
    const handler = layer.handler((request, response) =>
      serveRoutes(routes, request, response, bulwark.of(request)),
    );
    return listens(layer.createServer(handler));
  },
  'a host that takes one visitor for another': (policy, routes) => {
    const layer = bulwark(policy);
    let first: IncomingMessage | undefined;
    const handler = layer.handler((request, response) => {
      first ??= request;
      return serveRoutes(routes, request, response, bulwark.of(first));
    });
    return listens(layer.createServer(handler));
  },
  'a host without a layer': (policy, routes) => {
    const layer = bulwark(policy);
    // A view there is, of requests that nobody has judged.
    return listens(
      createServer((request, response) => {
        const next = (): void => {
          void serveRoutes(routes, request, response, bulwark.of(request)).catch(() => response.end());
        };
        if (request.url === '/echo') response.end('{"bytes":3}');
        else layer(request, response, next);
      }),
    );
  },
};

const [name = ''] = process.argv.slice(2);
const guard = GUARDS[name];
const host = HOSTS[name];
if (guard !== undefined) {
  const own: OwnGuard = { name: 'own', onRequest: guard };
  guardConformance(() => ({ after: 'session', guard: own }), {
    stops: { 'what is bad': { asked: { target: '/bad' }, holds: 403 } },
    passes: { 'what is good': { asked: { target: '/good' } } },
  });
} else if (host !== undefined) hostConformance('broken', host);
else if (name === 'a control that holds nothing') {
  const start = async (): Promise<{ readonly status: number }> => {
    const recorder = await openRecorder();
    return { status: (await recorder.run({})).head.statusCode };
  };
  holds('it answers', {
    on: { 'with it': start },
    off: { 'without it': start },
    check: ({ status }: { readonly status: number }) => {
      if (status !== 200) throw new Error('no answer');
    },
    seen: /no answer/,
  });
} else throw new Error(`there is no ${name}`);
