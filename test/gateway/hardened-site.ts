/** The applications of examples/flask behind a gateway in this process, over https as their users see it, and what reaches them. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { testPolicy } from '../hosts/hosts.ts';
import { freePort } from '../support/processes.ts';
import type { FlaskServer } from './flask-servers.ts';
import { Visitor } from './flask-visitor.ts';
import { startApp } from './python-app.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples/flask');

/** What a proxy that ends TLS says of each request. */
const BY_HTTPS = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' };

/** A running application behind its gateway. */
export interface Site {
  /** Of the gateway. */
  readonly port: number;
  readonly origin: string;
  readonly events: readonly AuditEvent[];
  /** How many connections the application has been asked over: one for each request. */
  readonly asked: () => number;
  readonly visitor: () => Visitor;
  readonly stop: () => Promise<void>;
}

/** Starts one of them. */
export async function startSite(
  folder: 'notes' | 'checklist',
  { command }: FlaskServer,
  redisUrl: string,
): Promise<Site> {
  const data = mkdtempSync(join(tmpdir(), 'bulwark-flask-'));
  const app = await startApp({
    command,
    folder: join(EXAMPLES, folder),
    env: {
      NOTES_DATA: data,
      CHECKLIST_DATA: data,
      FLASK_SECRET_KEY: 'for this test alone',
      REDIS_URL: redisUrl,
    },
  });
  const port = await freePort();
  const origin = `https://localhost:${port}`;
  const tap = await tapOn(app.port);
  const events: AuditEvent[] = [];
  const gateway = createGateway(
    testPolicy(events, {
      origin,
      body: { limit: '1MB' },
      apiTokens: { scopes: ['files:read'] },
      routes: {
        'POST /login': { limit: '5/minute', by: ['client', 'account'], accountField: 'username' },
        'POST /count': { bodyLimit: '120MB' },
        'POST /files': { bodyLimit: '4MB' },
        '/seldom': { limit: '1/minute' },
        '/closed/**': { require: 'signed-in' },
      },
      gateway: { upstream: `http://127.0.0.1:${tap.port}` },
    }),
  );
  gateway.server.listen(port, '127.0.0.1');
  await once(gateway.server, 'listening');
  return {
    port,
    origin,
    events,
    asked: tap.count,
    visitor: () => new Visitor(port, undefined, BY_HTTPS),
    stop: async () => {
      gateway.server.closeAllConnections();
      gateway.server.close();
      await gateway.close();
      tap.server.close();
      await app.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

interface Tap {
  readonly server: Server;
  readonly port: number;
  readonly count: () => number;
}

/** Stands between the gateway and the application, changes nothing, and counts. */
async function tapOn(port: number): Promise<Tap> {
  let count = 0;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    count += 1;
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, count: () => count };
}
