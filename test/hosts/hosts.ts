/** The hosts that the conformance suite runs on. A new adapter is one more entry. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { PolicyOptions } from '../../src/config/policy.ts';
import type { Protector } from '../../src/host/protector.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { ROUTES } from './application.ts';

/** A running application under the layer. */
export interface Running {
  readonly port: number;
  readonly server: Server;
  readonly layer: Protector;
  readonly events: AuditEvent[];
  readonly stop: () => Promise<void>;
}

/** Starts the test application on one host. */
export type Host = (policy?: PolicyOptions) => Promise<Running>;

export const nodeHost: Host = (policy) => {
  const events: AuditEvent[] = [];
  const layer = nodeBulwark(testPolicy(events, policy));
  const listener = layer.handler((request, response) => {
    const path = request.url?.split('?')[0];
    const route = ROUTES.find(
      (one) => one.path === path && (one.method === request.method || request.method === 'HEAD'),
    );
    if (route !== undefined) return route.handle(request, response, nodeBulwark.of(request));
    response.statusCode = 404;
    return response.end('nothing here');
  });
  return listen(layer, layer.createServer(listener), events);
};

export const expressHost: Host = (policy) => {
  const events: AuditEvent[] = [];
  const layer = expressBulwark(testPolicy(events, policy));
  const app = express();
  app.set('env', 'test');
  app.use(layer);
  for (const { method, path, handle } of ROUTES) {
    const register = method === 'GET' ? app.get.bind(app) : app.post.bind(app);
    register(path, (request, response) => handle(request, response, expressBulwark.of(request)));
  }
  app.use((_request, response) => {
    response.statusCode = 404;
    response.end('nothing here');
  });
  return listen(layer, layer.createServer(app), events);
};

export const HOSTS: Readonly<Record<string, Host>> = { 'node:http': nodeHost, Express: expressHost };

/** A policy behind a TLS-ending proxy on loopback, as most deployments are. Sections of `policy` replace these. */
export function testPolicy(events: AuditEvent[], policy: PolicyOptions = {}): PolicyOptions {
  return {
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    proxy: { trusted: ['127.0.0.1'] },
    audit: { sink: (_line, event) => void events.push(event) },
    ...policy,
    routes: {
      '/members/**': { require: 'signed-in' },
      '/operators/**': { require: { role: 'operator' } },
      '/held': { require: 'signed-in' },
      'POST /login': { limit: '5/minute', by: ['client', 'account'] },
      ...policy.routes,
    },
  };
}

async function listen(layer: Protector, server: Server, events: AuditEvent[]): Promise<Running> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await layer.close();
  };
  return { port: (server.address() as AddressInfo).port, server, layer, events, stop };
}
