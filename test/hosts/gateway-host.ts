/** The gateway in front of the test application, which runs in a server of its own, as one more host. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { attachedView, attachView, type View } from '../../src/layer/view.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { serveRoutes } from '../../src/testing/hosts/application.ts';
import { ROUTES } from './application.ts';
import { certificateFiles } from '../support/certificate-files.ts';
import { type Host, listen, type Running, testPolicy } from './hosts.ts';
import { http2Front, type MakeFront, tlsFront } from './tls-fronts.ts';

/**
 * An application behind a gateway has no view: this one is lent that of its request, by the id that the gateway tells it, so
 * that it can sign somebody in as the application of every other host does.
 */
export const gatewayHost: Host = (policy) => startGateway(policy);

/** The same, with TLS ended at the gateway, and reached over HTTP/1.1. */
export const tlsGatewayHost: Host = (policy) => startGateway(policy, tlsFront);

/** The same, reached over HTTP/2. */
export const http2GatewayHost: Host = (policy) => startGateway(policy, http2Front);

async function startGateway(policy: PolicyOptions | undefined, makeFront?: MakeFront): Promise<Running> {
  const events: AuditEvent[] = [];
  const views = new Map<string, View>();
  const upstream = applicationOf(views);
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const files = makeFront === undefined ? undefined : certificateFiles('localhost', 'example.com');
  const gateway = createGateway(testPolicy(events, policy), {
    upstream: `http://127.0.0.1:${port}`,
    ...(files !== undefined && { tls: { cert: files.cert, key: files.key } }),
  });
  const lend = (request: IncomingMessage): void => {
    const view = attachedView(request);
    if (view === undefined) return;
    views.set(view.requestId, view);
    request.socket.on('close', () => views.delete(view.requestId));
  };
  gateway.server.prependListener('request', lend);
  gateway.server.prependListener('upgrade', lend);
  const running = await listen(gateway, gateway.server, events);
  const front = files && (await makeFront?.(running.port, readFileSync(files.cert)));
  const stop = async (): Promise<void> => {
    await front?.stop();
    await running.stop();
    upstream.closeAllConnections();
    upstream.close();
    files?.remove();
  };
  return { ...running, stop, ...(front !== undefined && { port: front.port }) };
}

function applicationOf(views: ReadonlyMap<string, View>): Server {
  return createServer((request, response) => {
    const view = views.get(String(request.headers['x-request-id']));
    if (view === undefined) throw new Error('the gateway told no id that it knows');
    attachView(request, view);
    serveRoutes(ROUTES, request, response, view).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
}
