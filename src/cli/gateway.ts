/** `bulwark gateway`: the policy in front of an application, with no change to its code. */
import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import { request as httpRequest, type Server } from 'node:http';
import { isAbsolute } from 'node:path';
import type { Command } from 'commander';
import { randomBytes } from '../core/random.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { type GatewayOptions, gatewayOptions } from '../gateway/options/gateway.options.ts';
import { showAddress, type UpstreamAddress } from '../gateway/options/upstream-address.ts';
import { importPolicy, loadPolicy } from '../policy/load-policy.ts';
import type { Policy, PolicyOptions } from '../policy/policy.ts';
import { checkFlag } from './flag.ts';
import { defineTls, type TlsFlags, tlsOf, tlsRow } from './gateway-tls.ts';
import { printingAside } from './load-module.ts';
import { Failed, faint, strong, type Terminal, WrongUse } from './terminal.ts';

interface Flags extends TlsFlags {
  readonly upstream?: readonly string[];
  readonly listen: string;
  readonly policy?: string;
  readonly origin?: string;
  readonly trustProxy?: string[];
  readonly keepAlive?: GatewayOptions['keepAlive'];
  readonly vault?: true | string[];
}

const HELP = `
Every request is judged by the policy before the application hears of it, and every answer before it leaves. Without
--policy the defaults hold; its section "gateway" has what stands here and more, and what is said here goes before it. Without
--policy and --origin the gateway is for this machine alone: it answers to localhost, over plain http, and makes a secret for
this run.

On the internet it needs a public origin, a secret, and a certificate, or it stands behind what ends TLS:
  BULWARK_SECRET=$(openssl rand -base64 32)

Exit codes: 0 ended by SIGINT or SIGTERM, once what was under way is answered; 1 it failed; 2 wrong use.

Examples:
  gunicorn --bind 127.0.0.1:8000 app:app &  bulwark gateway --upstream http://127.0.0.1:8000
  bulwark gateway --upstream unix:/run/app.sock --listen 127.0.0.1:8080 --origin https://notes.example.com \\
    --trust-proxy 127.0.0.1
  bulwark gateway --upstream http://127.0.0.1:8000 --origin https://notes.example.com \\
    --tls-cert site.pem --tls-key site.key --listen 0.0.0.0:443 --http-listen 0.0.0.0:80
  bulwark gateway --upstream http://127.0.0.1:8000 --policy bulwark.config.ts`;

/** How long requests that are under way may take once it is told to end. */
const DRAIN_MS = 30_000;

/** Gives the command its arguments, options and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('put the policy in front of an application, with no change to its code')
    .option('--upstream <addresses...>', 'where the application listens: http://HOST:PORT or unix:/PATH')
    .option('--listen <address>', 'where the gateway listens: HOST:PORT or unix:/PATH', '127.0.0.1:8080')
    .option('--policy <file>', 'the module that exports the policy as default')
    .option('--origin <origin>', 'the public origin, such as https://notes.example.com')
    .option('--trust-proxy <addresses...>', 'who ends TLS in front of the gateway, by address')
    .option('--keep-alive <time>', 'how long a connection to the application stays open unused, such as 1s')
    .option('--vault [cookies...]', 'session cookies of the application that stay at the gateway, by name')
    .addHelpText('after', HELP);
  defineTls(command).action(async (flags: Flags) => {
    const place = readListen('--listen', flags.listen);
    const plainPlace =
      flags.httpListen === undefined ? undefined : readListen('--http-listen', flags.httpListen);
    checkFlags(flags);
    const { policy, notes } = await printingAside(() => policyOf(flags, place));
    if (plainPlace !== undefined && policy.gateway.tls === undefined)
      throw new WrongUse(
        '--http-listen sends to https, which nothing here ends: add --tls-cert and --tls-key.',
      );
    const gateway = createGateway(policy);
    await listen('--listen', gateway.server, place);
    if (plainPlace !== undefined && gateway.plain !== undefined)
      await listen('--http-listen', gateway.plain, plainPlace);
    terminal.err.write(await screen(flags, policy, notes, terminal));
    await ended(gateway);
  });
}

function checkFlags({ upstream, keepAlive, vault }: Flags): void {
  checkFlag('--upstream', gatewayOptions.upstream, upstream);
  checkFlag('--keep-alive', gatewayOptions.keepAlive, keepAlive);
  checkFlag('--vault', gatewayOptions.vault, vault);
}

type Place = { readonly host: string; readonly port: number } | { readonly path: string };

function readListen(flag: string, text: string): Place {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    if (!isAbsolute(path))
      throw new WrongUse(`${flag} unix: takes a path from the root: unix:/run/bulwark.sock`);
    return { path };
  }
  const match = /^(?:\[([\da-f:]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new WrongUse(`${flag} takes HOST:PORT or unix:/PATH, such as 127.0.0.1:8080.`);
  return { host: match[1] ?? match[2] ?? '', port };
}

async function policyOf(flags: Flags, place: Place): Promise<{ policy: Policy; notes: readonly string[] }> {
  const declared = flags.policy === undefined ? {} : await importPolicy(flags.policy);
  const { upstream = declared.gateway?.upstream, keepAlive, vault } = flags;
  if (upstream === undefined)
    throw new WrongUse(
      '--upstream http://HOST:PORT says where the application listens; or the policy does: gateway.upstream.',
    );
  const tls = tlsOf(flags) ?? declared.gateway?.tls;
  const options: PolicyOptions = {
    ...declared,
    gateway: {
      ...declared.gateway,
      upstream,
      ...(tls !== undefined && { tls }),
      ...(keepAlive !== undefined && { keepAlive }),
      ...(vault !== undefined && { vault }),
    },
    ...(flags.origin === undefined ? {} : { origin: flags.origin }),
    ...(flags.trustProxy === undefined ? {} : { proxy: { ...declared.proxy, trusted: flags.trustProxy } }),
  };
  const isLocal =
    flags.policy === undefined && flags.origin === undefined && process.env['BULWARK_ORIGIN'] === undefined;
  if (!isLocal) return { policy: await loadPolicy(options), notes: [] };
  const hasSecret =
    process.env['BULWARK_SECRET'] !== undefined || process.env['BULWARK_SECRET_FILE'] !== undefined;
  const made = randomBytes(32).toString('base64');
  const scheme = tls === undefined ? 'http' : 'https';
  const origin = 'port' in place ? `${scheme}://localhost:${place.port}` : `${scheme}://localhost`;
  return {
    policy: await loadPolicy({
      ...options,
      environment: 'development',
      origin,
      ...(hasSecret ? {} : { secrets: { name: 'this run', load: () => [made], remedy: () => '' } }),
    }),
    notes: [
      `for this machine alone, since no origin is named: it answers at ${origin}. On the internet: --origin https://...`,
      ...(hasSecret
        ? []
        : [
            'its secret was made for this run: what is signed with it ends with the run. Set BULWARK_SECRET.',
          ]),
    ],
  };
}

async function listen(flag: string, server: Server, place: Place): Promise<void> {
  // A socket that a gateway left when it was killed: nobody listens on it.
  if ('path' in place && isSocket(place.path)) rmSync(place.path);
  server.listen(place);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'something else listens there' : String(cause);
    throw new Failed(`${flag}: ${reason}.`, { cause });
  }
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

async function screen(
  flags: Flags,
  policy: Policy,
  notes: readonly string[],
  { err }: Terminal,
): Promise<string> {
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['listens', flags.listen],
    ['origin', policy.origin?.origin ?? 'none: only this machine is answered'],
    ...(await Promise.all(
      policy.gateway.upstream.map(
        async (address) => ['upstream', `${showAddress(address)}: ${await lookAt(address)}`] as const,
      ),
    )),
    [
      'trusts',
      flags.trustProxy === undefined && flags.policy === undefined
        ? 'nobody in front of it: each client is who its connection says'
        : (flags.trustProxy?.join(', ') ?? 'the proxies of the policy'),
    ],
    ['TLS', tlsRow(policy.gateway.tls)],
    ['policy', flags.policy ?? 'the defaults'],
    ['vault', vaultRow(policy.gateway.vault)],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(9)} ${value}`);
  return [strong('bulwark gateway', err), ...lines, ...notes.map((note) => faint(`  ${note}`, err)), ''].join(
    '\n',
  );
}

function vaultRow(names: readonly string[] | undefined): string {
  if (names === undefined) return 'none: session cookies of the application are in the browser; see --vault';
  return `keeps ${names.join(', ')}`;
}

/** What the upstream says of itself. A HEAD changes nothing, and it may not be there yet. */
async function lookAt(address: UpstreamAddress): Promise<string> {
  const target = 'path' in address ? { socketPath: address.path } : address;
  const asking = httpRequest({
    ...target,
    method: 'HEAD',
    path: '/',
    headers: { host: 'localhost' },
    timeout: 2_000,
    agent: false,
  });
  asking.on('timeout', () => asking.destroy());
  asking.end();
  try {
    const [response] = (await once(asking, 'response')) as [
      { statusCode?: number; headers: NodeJS.Dict<string | string[]> },
    ];
    asking.destroy();
    const { server } = response.headers;
    return `answers${typeof server === 'string' ? `, and says it is ${server.replaceAll(/[^\x20-\x7e]/g, '')}` : ''}`;
  } catch {
    return 'does not answer yet; until it does, every request is answered with 503';
  }
}

/** Waits until the gateway is told to end, and then for what is under way. */
async function ended(gateway: Gateway): Promise<void> {
  const told = Promise.withResolvers<void>();
  const onSignal = (): void => told.resolve();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  await told.promise;
  const closed = once(gateway.server, 'close');
  gateway.server.close();
  const timer = setTimeout(() => gateway.server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(timer);
  await gateway.close();
}
