/** Real proxies that carry bytes and say by the PROXY protocol whose: HAProxy, and nginx as a proxy of streams. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { bulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { parseAnswer, writeRequest } from '../../src/testing/wire.ts';
import { type CertificateFiles, certificateFiles } from '../support/certificate-files.ts';
import { freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { listen, type Running, testPolicy } from '../hosts/hosts.ts';
import { launch, listens, type Program, temporaryFolder } from './processes.ts';

/** Where clients come from: an address of this machine that is no proxy. */
const CLIENT = '127.0.0.9';
const PROXY = { trusted: ['127.0.0.1'], protocol: true } as const;

interface Ports {
  /** HAProxy, version 1, bytes as they are. */
  readonly first: number;
  /** HAProxy, version 2 with a checksum. */
  readonly second: number;
  /** HAProxy, which ends TLS and says so. */
  readonly ended: number;
  /** HAProxy, TLS as it is, to the gateway. */
  readonly passed: number;
  /** nginx. */
  readonly nginx: number;
}

const folder = temporaryFolder();
const events: AuditEvent[] = [];
let files: CertificateFiles;
let plain: Running;
let gateway: { readonly port: number; readonly stop: () => Promise<void> };
let ports: Ports;
const programs: Program[] = [];
/** Connections on which the proxy asked for itself. */
let looked = 0;

before(async () => {
  files = certificateFiles('example.com', 'localhost');
  plain = await startPlain();
  plain.server.on('connection', ({ remoteAddress }) => {
    if (remoteAddress === '127.0.0.1') looked += 1;
  });
  gateway = await startGateway();
  const [first, second, ended, passed, nginx] = await Promise.all(Array.from({ length: 5 }, freePort));
  ports = { first, second, ended, passed, nginx } as Ports;
  programs.push(startHaproxy(), startNginx());
  await Promise.all([
    listens(programs[0] as Program, ports.passed),
    listens(programs[1] as Program, ports.nginx),
  ]);
});
after(async () => {
  for (const program of programs) await program.stop();
  await gateway?.stop();
  await plain?.stop();
  files?.remove();
  folder.remove();
});

async function startPlain(): Promise<Running> {
  const layer = bulwark(testPolicy(events, { proxy: PROXY, routes: { '/**': { insecureHttp: true } } }));
  const handler = layer.handler((request, response) => {
    const { client } = bulwark.of(request);
    const { encrypted = false } = request.socket as { readonly encrypted?: boolean };
    response.end(JSON.stringify([client.address, encrypted]));
  });
  return listen(layer, layer.createServer(handler), events);
}

/** A gateway that ends TLS, before an application that tells what it is told. */
async function startGateway(): Promise<typeof gateway> {
  const upstream = createServer((request, response) => {
    const { headers } = request;
    response.end(JSON.stringify([headers['x-forwarded-for'], headers['x-forwarded-proto']]));
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const made = createGateway(testPolicy(events, { proxy: PROXY }), {
    upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
    tls: { cert: files.cert, key: files.key },
  });
  const { server } = made;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await made.close();
      upstream.closeAllConnections();
      upstream.close();
    },
  };
}

function startHaproxy(): Program {
  const file = join(folder.path, 'haproxy.cfg');
  const pair = join(folder.path, 'pair.pem');
  writeFileSync(pair, Buffer.concat([readFileSync(files.cert), readFileSync(files.key)]), { mode: 0o600 });
  const way = (name: string, bind: string, server: string): string =>
    `listen ${name}\n  bind 127.0.0.1:${bind}\n  server one 127.0.0.1:${server}\n`;
  const application = String(plain.port);
  writeFileSync(
    file,
    [
      'defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 20s\n  timeout server 20s\n',
      way('first', String(ports.first), `${application} send-proxy`),
      // Its own look whether the application lives is a connection of its own, with a head that names nobody.
      way(
        'second',
        String(ports.second),
        `${application} send-proxy-v2 proxy-v2-options crc32c check inter 200ms`,
      ),
      way('ended', `${ports.ended} ssl crt ${pair}`, `${application} send-proxy-v2-ssl`),
      way('passed', String(ports.passed), `${gateway.port} send-proxy-v2`),
    ].join('\n'),
  );
  return launch('haproxy', ['-db', '-f', file]);
}

function startNginx(): Program {
  const file = join(folder.path, 'nginx.conf');
  mkdirSync(join(folder.path, 'logs'), { recursive: true });
  writeFileSync(
    file,
    `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
error_log stderr;
pid ${join(folder.path, 'nginx.pid')};
events {}
stream {
  server {
    listen 127.0.0.1:${ports.nginx};
    proxy_pass 127.0.0.1:${plain.port};
    proxy_protocol on;
  }
}
`,
  );
  return launch('nginx', ['-p', folder.path, '-c', file, '-g', 'daemon off;']);
}

const REQUEST = writeRequest({
  headers: { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https' },
});

async function askThrough(port: number, secure = false): Promise<unknown> {
  const line = connect({ port, host: '127.0.0.1', localAddress: CLIENT });
  const socket = secure
    ? connectTls({ socket: line, servername: 'example.com', ca: readFileSync(files.cert) })
    : line;
  await once(socket, secure ? 'secureConnect' : 'connect');
  socket.write(REQUEST);
  return JSON.parse(parseAnswer(Buffer.from(await text(socket))).body);
}

test('HAProxy names the client in both versions, and no header that the client wrote counts', async () => {
  assert.deepEqual(await askThrough(ports.first), [CLIENT, false]);
  assert.deepEqual(await askThrough(ports.second), [CLIENT, false]);
});

test('where HAProxy ends TLS and says so, the client came by https', async () => {
  assert.deepEqual(await askThrough(ports.ended, true), [CLIENT, true]);
});

test('nginx as a proxy of streams names the client', async () => {
  assert.deepEqual(await askThrough(ports.nginx), [CLIENT, false]);
});

test('before TLS that the gateway ends, for HTTP/1.1 and HTTP/2 alike', async () => {
  assert.deepEqual(await askThrough(ports.passed, true), [CLIENT, 'https']);
  const line = connect({ port: ports.passed, host: '127.0.0.1', localAddress: CLIENT });
  const session = connectHttp2('https://example.com', {
    createConnection: () =>
      connectTls({
        socket: line,
        servername: 'example.com',
        ca: readFileSync(files.cert),
        ALPNProtocols: ['h2'],
      }),
  });
  const stream = session.request({
    ':path': '/',
    ':authority': 'example.com',
    'x-forwarded-for': '198.51.100.1',
  });
  assert.deepEqual(JSON.parse(await text(stream)), [CLIENT, 'https']);
  session.close();
});

test('HAProxy looks whether the application lives, and that is no event', async () => {
  await until('HAProxy has looked', () => looked > 0);
  assert.deepEqual(
    events.filter(({ event }) => event === 'input_validation_fail'),
    [],
  );
});
