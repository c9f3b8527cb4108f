/** A gateway that ends TLS for localhost, before an application of the test. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { type CertificateFiles, certificateFiles } from '../support/certificate-files.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';

/** A running site. */
export interface TlsSite {
  readonly port: number;
  readonly origin: string;
  readonly gateway: Gateway;
  readonly application: Server;
  readonly files: CertificateFiles;
  readonly events: readonly AuditEvent[];
  /** The certificate that is there now. */
  readonly ca: () => Buffer;
  /** A connection of HTTP/2, which ends with the test. */
  readonly connect: (options?: object) => Promise<ClientHttp2Session>;
}

/** Starts a site, until the test ends. Whoever asks is one client, whose limit is not what the test is about. */
export async function tlsSite(
  t: TestContext,
  application: RequestListener,
  policy: PolicyOptions = {},
): Promise<TlsSite> {
  const upstream = createServer(application).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const files = certificateFiles('site.example', 'localhost', '127.0.0.1');
  const events: AuditEvent[] = [];
  const gateway = createGateway(
    {
      environment: 'production',
      origin: 'https://site.example',
      secrets: fixedSecrets(TEST_SECRET),
      state: memory(),
      audit: { sink: (_line, event) => void events.push(event) },
      rateLimit: { perClient: '1000000/minute' },
      ...policy,
    },
    {
      upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
      tls: { cert: files.cert, key: files.key },
    },
  );
  gateway.server.listen(0, '127.0.0.1');
  await once(gateway.server, 'listening');
  const { port } = gateway.server.address() as AddressInfo;
  const sessions: ClientHttp2Session[] = [];
  t.after(async () => {
    for (const session of sessions) session.destroy();
    gateway.server.closeAllConnections();
    gateway.server.close();
    await gateway.close();
    upstream.closeAllConnections();
    upstream.close();
    files.remove();
  });
  const ca = (): Buffer => readFileSync(files.cert);
  const connect = async (options: object = {}): Promise<ClientHttp2Session> => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, {
      ca: ca(),
      servername: 'localhost',
      ...options,
    });
    session.on('error', () => undefined);
    sessions.push(session);
    await once(session, 'remoteSettings');
    return session;
  };
  return { port, origin: 'https://site.example', gateway, application: upstream, files, events, ca, connect };
}

/** An answer of HTTP/2. */
export interface Http2Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>> | undefined;
  readonly body: Buffer;
  /** The code by which the stream ended: 0 where all of it came. */
  readonly code: number;
}

/** Asks over a connection. Host is that of the site. */
export async function askHttp2(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string | Buffer,
): Promise<Http2Answer> {
  const stream = session.request(
    { ':authority': 'site.example', ':path': '/', ...headers },
    { endStream: body === undefined },
  );
  let answered: Record<string, unknown> = {};
  let trailers: Record<string, unknown> | undefined;
  const pieces: Buffer[] = [];
  stream.on('response', (given) => (answered = { ...given }));
  stream.on('trailers', (given) => (trailers = { ...given }));
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.on('error', () => undefined);
  if (body !== undefined) stream.end(body);
  await closed(stream);
  return {
    status: Number(answered[':status']),
    headers: answered,
    trailers,
    body: Buffer.concat(pieces),
    code: stream.rstCode ?? 0,
  };
}

/** Waits for the end of a stream, however it ends. */
export function closed(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
  });
}
