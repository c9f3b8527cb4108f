/** Running sites with faults, for scanners that ask from outside. All of them listen on this machine alone. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckOptions } from '../../../src/check/check.ts';
import { readProfile } from '../../../src/check/outside/profile.ts';
import { bareSite, wrongSite } from '../../../test/check/servers/other-sites.ts';
import { startApp } from '../../../test/gateway/python-app.ts';

/** One of them. */
export interface RunningSite {
  readonly name: string;
  /** Where a scanner without our options finds it. */
  readonly url: string;
  readonly httpsPort: number | undefined;
  readonly httpPort: number | undefined;
  readonly ours: CheckOptions;
  /** What is read of it from inside, in the same run. */
  readonly source?: string;
  /** Whom scanners that can sign in are to be. */
  readonly account?: { readonly page: string; readonly name: string; readonly password: string };
  readonly stop: () => Promise<void> | void;
}

const CARELESS = join(import.meta.dirname, '../../../examples/flask/careless');

/** One at a time: each is started when the one before it was looked at. */
export const SITES: readonly (() => Promise<RunningSite>)[] = [
  careless,
  () => served('bare', bareSite),
  () => served('wrong', wrongSite),
  weakTls,
];

/** The application of the demonstration, as its author runs it, with an account. */
async function careless(): Promise<RunningSite> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-compare-'));
  const app = await startApp({
    command: (port) => ['flask', '--app', 'app', 'run', '--port', String(port), '--debug', '--no-reload'],
    folder: CARELESS,
    env: { CARELESS_DATA: join(folder, 'careless.sqlite') },
  });
  const profile = readProfile(readFileSync(join(CARELESS, 'check-profile.json'), 'utf8'), {
    CARELESS_ANN: 'ann-password',
    CARELESS_BOB: 'bob-password',
  });
  const url = `http://localhost:${app.port}/`;
  return {
    name: 'careless',
    url,
    httpsPort: undefined,
    httpPort: app.port,
    ours: { url, ownHost: true, burst: 60, profile },
    source: CARELESS,
    account: { page: `${url}login`, name: 'ann@example.com', password: 'ann-password' },
    async stop() {
      await app.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function served(name: string, start: typeof bareSite): Promise<RunningSite> {
  const { stop, ...address } = await start();
  const httpsPort = address.connectTo?.port ?? 0;
  return {
    name,
    url: `https://localhost:${httpsPort}/`,
    httpsPort,
    httpPort: address.connectPlainTo?.port,
    ours: { ...address, ownHost: true, burst: 60 },
    stop,
  };
}

/** A page whose TLS is that of a machine nobody has looked after for fifteen years. */
async function weakTls(): Promise<RunningSite> {
  const server = createServer(
    {
      ...oldCertificate(),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.2',
      ciphers: 'ALL:!aNULL:!eNULL:@SECLEVEL=0',
      ecdhCurve: 'prime256v1',
    },
    (_request, response) => response.setHeader('Content-Type', 'text/html').end('<title>Old</title>'),
  );
  const port = await listen(server);
  const url = `https://localhost:${port}/`;
  return {
    name: 'weak-tls',
    url,
    httpsPort: port,
    httpPort: undefined,
    ours: { url, ownHost: true },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** For another name, signed by itself with SHA-1, a key of 1024 bits, for ten years. */
function oldCertificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-compare-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  try {
    const output = ['-keyout', file('key'), '-out', file('cert'), '-days', '3650', '-nodes', '-sha1'];
    openssl('req', '-x509', '-newkey', 'rsa:1024', ...output, '-subj', '/CN=old.example.com');
    return { key: readFileSync(file('key')), cert: readFileSync(file('cert')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function listen(server: Server): Promise<number> {
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
