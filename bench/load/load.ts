/** Load by wrk: a few connections that each ask again as soon as they are answered. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { NAVIGATION_HEADERS, proxyHeaders } from '../checks/browser.ts';
import { LOAD_CORE, onCore, SERVER_CORE } from './cores.ts';

/** What came of it. */
export interface LoadResult {
  readonly requests: number;
  /** Of them: without an answer, or with another status than 2xx or 3xx. */
  readonly failed: number;
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** What is asked for. */
export interface LoadTarget {
  readonly port: number;
  readonly path: string;
  /** The `Cookie` header; empty for a visitor. */
  readonly cookie: string;
}

const CONNECTIONS = 16;
const FEW_CONNECTIONS = 4;
/** More than Bulwark's queue for hashing holds. */
const LOG_IN_CONNECTIONS = 100;

/** Asks for some seconds, as fast as answers come. */
export async function makeLoad(
  target: LoadTarget,
  seconds: number,
  connections: number = CONNECTIONS,
): Promise<LoadResult> {
  return readResult(await runWrk(target, seconds, 'report.lua', connections));
}

/**
 * The same from the core of the server. From another one each answer that finds the load asleep is paid for by its sender, who has to
 * wake that core, and on a virtual machine leaves it for that: a third of the time that a small server takes in all, and next to
 * nothing of the time of a bare one, before which the load never sleeps.
 */
export async function makeLoadBesideServer(target: LoadTarget, seconds: number): Promise<LoadResult> {
  return readResult(await runWrk(target, seconds, 'report.lua', CONNECTIONS, SERVER_CORE));
}

/** Visits a page now and then, so that the server has time to spare. */
export async function makeVisits(target: LoadTarget, seconds: number): Promise<LoadResult> {
  return readResult(await runWrk(target, seconds, 'visits.lua', FEW_CONNECTIONS));
}

/** Logs in, again and again. Returns how many passwords were hashed a second. */
export async function makeLogIns(target: LoadTarget, seconds: number): Promise<number> {
  const output = await runWrk(target, seconds, 'log-ins.lua', LOG_IN_CONNECTIONS);
  const [hashed = 0, microseconds = 0] = /^HASHED (\d+) (\d+)$/m.exec(output)?.slice(1).map(Number) ?? [];
  return hashed / (microseconds / 1e6);
}

function readResult(output: string): LoadResult {
  const numbers = /^BENCH (\d+) (\d+) (\d+) (\d+) (\d+)$/m.exec(output)?.slice(1).map(Number);
  const [requests = 0, microseconds = 0, p50 = 0, p99 = 0, failed = 0] = numbers ?? [];
  if (requests === 0) throw new Error(`wrk made no request:\n${output}`);
  const requestsPerSecond = requests / (microseconds / 1e6);
  return { requests, failed, requestsPerSecond, p50: p50 / 1000, p99: p99 / 1000 };
}

function runWrk(
  { port, path, cookie }: LoadTarget,
  seconds: number,
  script: string,
  connections: number,
  core: number = LOAD_CORE,
): Promise<string> {
  const headers = { ...NAVIGATION_HEADERS, ...proxyHeaders(), ...(cookie !== '' && { Cookie: cookie }) };
  const command = [
    ...['wrk', '--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`],
    ...['--timeout', '30s', '--script', join(import.meta.dirname, script)],
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    `http://127.0.0.1:${port}${path}`,
  ];
  return run(onCore(core, command));
}

function run([program = '', ...args]: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  child.on('error', reject);
  child.on('close', (code) => {
    if (code === 0) resolve(output);
    else reject(new Error(`wrk ended with ${code}:\n${output}`));
  });
  return promise;
}
