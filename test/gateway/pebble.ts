/** Pebble, with a name server by which every name is this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pebbleFolder } from '../../tools/pebble.ts';
import { certificateFiles } from '../support/certificate-files.ts';
import { endProgram, freePort } from '../support/processes.ts';

/** A running authority. */
export interface Pebble {
  readonly directory: string;
  /** The certificate of its own server. */
  readonly ca: string;
  /** Where it asks for names. */
  readonly httpPort: number;
  readonly tlsPort: number;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** Starts it on a port, or on one that is free. It asks at once, and rejects no nonce by chance. */
export async function startPebble(places?: Pick<Pebble, 'httpPort' | 'tlsPort'>): Promise<Pebble> {
  const bin = pebbleFolder();
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-pebble-'));
  const files = certificateFiles('localhost', '127.0.0.1');
  const [port, management, dns, own] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const { httpPort, tlsPort } = places ?? { httpPort: await freePort(), tlsPort: await freePort() };
  const config = join(folder, 'pebble.json');
  const listens = { listenAddress: `127.0.0.1:${port}`, managementListenAddress: `127.0.0.1:${management}` };
  const pebble = { ...listens, certificate: files.cert, privateKey: files.key, httpPort, tlsPort };
  writeFileSync(config, JSON.stringify({ pebble }));
  const start = (program: string, ...args: string[]): ChildProcess =>
    spawn(join(bin, program), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '100' },
    });
  const names = start(
    'pebble-challtestsrv',
    ...['-defaultIPv4', '127.0.0.1', '-defaultIPv6', '', '-dnsserver', `127.0.0.1:${dns}`],
    ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-doh', '', '-management', `127.0.0.1:${own}`],
  );
  const authority = start('pebble', '-config', config, '-dnsserver', `127.0.0.1:${dns}`);
  process.once('exit', () => {
    authority.kill('SIGKILL');
    names.kill('SIGKILL');
  });
  let log = '';
  for (const stream of [authority.stdout, authority.stderr, names.stderr])
    stream?.on('data', (bytes) => (log += String(bytes)));
  const stop = async (): Promise<void> => {
    await Promise.all([endProgram(authority, 'SIGKILL'), endProgram(names, 'SIGKILL')]);
    files.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const place of [port, own]) await listening(place, () => log);
  return {
    directory: `https://127.0.0.1:${port}/dir`,
    ca: files.cert,
    httpPort,
    tlsPort,
    log: () => log,
    stop,
  };
}

async function listening(port: number, log: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error(`nobody listens on ${port}: ${log()}`);
}
