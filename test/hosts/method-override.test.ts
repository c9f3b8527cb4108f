/** A middleware behind the layer that makes a DELETE of a POST: the rule of DELETE was not asked, and that is told. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import express from 'express';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { Protector } from '../../src/host/protector.ts';
import type { RequestListener } from '../../src/host/server.ts';
import { ask } from '../support/raw-http.ts';
import { testPolicy } from './hosts.ts';

const ROUTES = {
  'DELETE /admin/**': { require: { role: 'admin' } },
  '/notes/**': { bodyLimit: '1KB' },
} as const;

/** As `methodOverride('_method')` does it. Its header is refused by the firewall already. */
function override(request: IncomingMessage): void {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'POST') request.method = searchParams.get('_method') ?? 'POST';
}

interface Application {
  readonly layer: Protector;
  readonly listener: RequestListener;
}

const APPLICATIONS: Readonly<Record<string, (events: AuditEvent[]) => Application>> = {
  'node:http': (events) => {
    const layer = nodeBulwark(testPolicy(events, { routes: ROUTES }));
    const listener = layer.handler((request, response) => {
      override(request);
      response.end(request.method);
    });
    return { layer, listener };
  },
  Express: (events) => {
    const layer = expressBulwark(testPolicy(events, { routes: ROUTES }));
    const app = express();
    app.use(layer, (request, _response, next) => {
      override(request);
      next();
    });
    app.delete('/*path', (_request, response) => void response.send('DELETE'));
    return { layer, listener: app };
  },
};

for (const [name, make] of Object.entries(APPLICATIONS)) {
  test(`a method that was changed past a rule is an event, and a warning once, on ${name} (expressjs/method-override)`, async (context) => {
    const warned = context.mock.method(process, 'emitWarning', () => undefined);
    const events: AuditEvent[] = [];
    const { layer, listener } = make(events);
    const server = layer.createServer(listener);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    try {
      const { port } = server.address() as AddressInfo;
      const headers = { 'sec-fetch-site': 'same-origin' };
      const post = async (path: string): Promise<string> =>
        (await ask(port, { method: 'POST', target: `${path}?_method=DELETE`, headers })).body;
      for (const target of ['/admin/7', '/admin/8', '/notes/7']) assert.equal(await post(target), 'DELETE');
      const told = events.filter(({ details }) => details?.['code'] === 'ERR_BULWARK_METHOD_CHANGED');
      assert.deepEqual(
        told.map(({ event }) => event),
        ['sys_misconfigured', 'sys_misconfigured'],
      );
      assert.match(String(told[0]?.details?.['message']), /made DELETE of a POST/);
      const codes = warned.mock.calls.map(
        ({ arguments: [, options] }) => (options as { code?: string } | undefined)?.code,
      );
      assert.equal(codes.filter((code) => code === 'ERR_BULWARK_METHOD_CHANGED').length, 1);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await layer.close();
    }
  });
}
