/** `bulwark gateway`, in a process that serves. */
import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import { request as httpRequest, type Server } from 'node:http';
import { availableParallelism } from 'node:os';
import { createGateway } from '../gateway/gateway.ts';
import { type GatewayOptions, gatewayOptions } from '../gateway/options/gateway.options.ts';
import { listenAddress, type Place, showPlace } from '../gateway/options/listen-address.ts';
import { showAddress, type UpstreamAddress } from '../gateway/options/upstream-address.ts';
import { FIRST_WORKER, workUntilEnd } from '../gateway/running/worker.ts';
import type { OptionSpec } from '../core/options.ts';
import { Problems } from '../core/problems.ts';
import { SECTIONS } from '../policy/controls.ts';
import { importPolicy } from '../policy/load-policy.ts';
import type { Policy, PolicyOptions } from '../policy/policy.ts';
import { readPolicy, thisProcess } from '../policy/read-policy.ts';
import { type ReadFlags, RUN_SECRET } from './gateway-flags.ts';
import { tlsRow } from './gateway-tls.ts';
import { printingAside } from './load-module.ts';
import { Failed, faint, strong, type Terminal, WrongUse } from './terminal.ts';

/** Serves until the process over this one says that it is to end. */
export async function serve(flags: ReadFlags, terminal: Terminal): Promise<void> {
  const found = await printingAside(() => policyOf(flags));
  const { policy } = found;
  const { listen: place, httpListen, workers, management, drain } = policy.gateway;
  const gateway = createGateway(policy, {}, await ownPages(policy));
  await listen('--listen', gateway.server, place);
  if (httpListen !== undefined && gateway.plain !== undefined)
    await listen('--http-listen', gateway.plain, httpListen);
  const isFirst = process.env[FIRST_WORKER] !== undefined;
  await workUntilEnd(gateway, {
    kind: 'started',
    screen: isFirst ? await screen(flags, found, terminal) : '',
    workers,
    management,
    drain,
    isAlone: policy.state.reach === 'process',
  });
}

/**
 * Pages of Bulwark's own: those of the console, and of accounts, by which operators sign in to it. Nothing of them is loaded where
 * the policy declares no console.
 */
async function ownPages({ console: declared }: Policy): Promise<Parameters<typeof createGateway>[2]> {
  if (declared === undefined) return undefined;
  const [{ HostedConsole }, { HostedPages }] = await Promise.all([
    import('../console/hosted-console.ts'),
    import('../account-pages/hosted-pages.ts'),
  ]);
  return (layer) => [new HostedConsole(layer), new HostedPages(layer, {})];
}

/** What was found, and what a person is told of it. */
interface Found {
  readonly policy: Policy;
  /** Who may say for whom it asks, as it was written. */
  readonly trusted: readonly string[];
  readonly notes: readonly string[];
}

const NO_UPSTREAM =
  '--upstream http://HOST:PORT says where the application listens; or the policy does: gateway.upstream.';

async function policyOf(flags: ReadFlags): Promise<Found> {
  const written = flags.policy === undefined ? {} : await importPolicy(flags.policy);
  const declared = flags.observe === true ? observing(written) : written;
  const gateway: GatewayOptions = { ...declared.gateway, ...flags.gateway };
  if (gateway.upstream === undefined && flags.policy === undefined) throw new WrongUse(NO_UPSTREAM);
  if (flags.gateway.httpListen !== undefined && gateway.tls === undefined)
    throw new WrongUse('--http-listen sends to https, which nothing here ends: add --tls-cert or --acme.');
  const options: PolicyOptions = {
    ...declared,
    gateway,
    ...(flags.origin === undefined ? {} : { origin: flags.origin }),
    ...(flags.trustProxy === undefined ? {} : { proxy: { ...declared.proxy, trusted: flags.trustProxy } }),
  };
  const surroundings = { ...thisProcess(), isWorker: isOneOfSeveral(gateway.workers) };
  if (gateway.upstream === undefined) {
    // A name of it that is misspelt is told as what it is.
    await readPolicy(options, surroundings);
    throw new WrongUse(NO_UPSTREAM);
  }
  const isLocal =
    flags.policy === undefined && flags.origin === undefined && process.env['BULWARK_ORIGIN'] === undefined;
  const trusted = options.proxy?.trusted ?? [];
  if (!isLocal) return { policy: await readPolicy(options, surroundings), trusted, notes: [] };
  const made = process.env[RUN_SECRET];
  const place = placeOf(gateway.listen);
  const scheme = gateway.tls === undefined ? 'http' : 'https';
  const origin = 'port' in place ? `${scheme}://localhost:${place.port}` : `${scheme}://localhost`;
  const secrets =
    made === undefined ? {} : { secrets: { name: 'this run', load: () => [made], remedy: () => '' } };
  const local: PolicyOptions = { ...options, environment: 'development', origin, ...secrets };
  const policy = await readPolicy(local, surroundings);
  return {
    policy,
    trusted,
    notes: [
      `for this machine alone, since no origin is named: it answers at ${origin}. On the internet: --origin https://...`,
      ...(made === undefined
        ? []
        : [
            'its secret was made for this run: what is signed with it ends with the run. Set BULWARK_SECRET.',
          ]),
    ],
  };
}

/** A policy whose every guard observes, but for those that it turns off. */
function observing(policy: PolicyOptions): PolicyOptions {
  const sections = Object.entries(SECTIONS).flatMap(([name, table]) => {
    const section = observed(table, policy[name as keyof PolicyOptions]);
    return section === undefined ? [] : [[name, section] as const];
  });
  return { ...policy, ...(Object.fromEntries(sections) as PolicyOptions) };
}

/** A section, or a group of options within one, with its mode and those of its groups; undefined where it has none. */
function observed(table: object, given: unknown): object | undefined {
  const section = (given ?? {}) as Readonly<Record<string, unknown>>;
  if ('mode' in table) return section['mode'] === 'off' ? section : { ...section, mode: 'observe' };
  const groups = Object.entries(table as Record<string, OptionSpec<unknown>>).flatMap(([name, spec]) => {
    const group = spec.table === undefined ? undefined : observed(spec.table, section[name]);
    return group === undefined ? [] : [[name, group] as const];
  });
  return groups.length === 0 ? undefined : { ...section, ...Object.fromEntries(groups) };
}

/** What is in memory is in one process: the policy is asked before it is read, since its stores are made by then. */
function isOneOfSeveral(workers: GatewayOptions['workers']): boolean {
  return workers === 'auto' ? availableParallelism() > 1 : typeof workers === 'number' && workers > 1;
}

function placeOf(listens: GatewayOptions['listen']): Place {
  return listens === undefined
    ? gatewayOptions.listen.default
    : listenAddress(listens, 'gateway.listen', new Problems('production'));
}

async function listen(flag: string, server: Server, place: Place): Promise<void> {
  // A socket that a gateway left when it was killed: nobody listens on it.
  if ('path' in place && process.env[FIRST_WORKER] !== undefined && isSocket(place.path)) rmSync(place.path);
  server.listen(place);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new Failed(`${flag} ${showPlace(place)}: ${NO_PLACE[code] ?? String(cause)}.`, { cause });
  }
}

/** Why nothing can listen there, by the code of the system. */
const NO_PLACE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not listen there; a port below 1024 needs a right of its own (CAP_NET_BIND_SERVICE)',
  ENOENT: 'there is no such folder',
  ENOTFOUND: 'there is no such host',
};

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

async function screen(
  flags: ReadFlags,
  { policy, trusted, notes }: Found,
  { err }: Terminal,
): Promise<string> {
  const { listen: place, upstream, vault, workers, management, tls } = policy.gateway;
  const upstreams = await Promise.all(
    upstream.map(async (address) => `${showAddress(address)}: ${await lookAt(address)}`),
  );
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['listens', `${showPlace(place)}${workers > 1 ? `, by ${workers} workers` : ''}`],
    ['origin', policy.origin?.origin ?? 'none: only this machine is answered'],
    ...upstreams.map((text) => ['upstream', text] as const),
    [
      'trusts',
      trusted.length === 0
        ? 'nobody in front of it: each client is who its connection says'
        : `${trusted.join(', ')} to say who asks`,
    ],
    [
      'policy',
      `${flags.policy ?? 'the defaults'}${flags.observe === true ? ', observing: nothing is refused' : ''}`,
    ],
    ['TLS', tlsRow(tls)],
    ['vault', vaultRow(vault)],
    ...(management === undefined
      ? []
      : [['operators', `${showPlace(management)}: /-/health, /-/ready, /-/metrics`] as const]),
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
