/** What a request costs each proxy, in turns of a second, and how long one takes where nothing else goes on. */
import { makeLoad } from '../load/load.ts';
import { SERVER_CORE } from '../load/cores.ts';
import { Progress } from '../report/progress.ts';
import { median } from '../report/summary.ts';
import { startApplication } from './application.ts';
import type { Program } from './processes.ts';
import { labelOf, type Proxy, startProxy } from './proxies.ts';

/** One turn of one proxy. */
interface Turn {
  readonly requestsPerSecond: number;
  /** CPU time of the proxy per request, in microseconds. */
  readonly cpu: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** What was measured of one proxy. */
export interface RequestFigures {
  readonly label: string;
  readonly proxy: Pick<Proxy, 'name' | 'upstream'>;
  readonly turns: readonly Turn[];
  /** Median of an answer on one connection, turn by turn, in milliseconds. */
  readonly alone: readonly number[];
}

const CONNECTIONS = 32;

/** Has all proxies take turns, forward and back. */
export async function measureRequests(
  proxies: readonly Proxy[],
  rounds: number,
): Promise<readonly RequestFigures[]> {
  const progress = new Progress('requests');
  const application = await startApplication();
  const programs: Program[] = [];
  try {
    for (const proxy of proxies) programs.push(await startProxy(proxy, application.port, SERVER_CORE));
    const rows = proxies.map((proxy, at) => ({
      label: labelOf(proxy),
      proxy: { name: proxy.name, upstream: proxy.upstream },
      program: programs[at] as Program,
      turns: [] as Turn[],
      alone: [] as number[],
    }));
    for (const { program } of rows) await load(program, 3, CONNECTIONS);
    for (let round = 0; round < rounds; round += 1) {
      progress.report(round, rounds);
      for (const row of round % 2 === 0 ? rows : rows.toReversed()) {
        row.turns.push(await turnOf(row.program));
        row.alone.push((await load(row.program, 1, 1)).p50);
      }
    }
    progress.report(rounds, rounds);
    return rows.map(({ label, proxy, turns, alone }) => ({ label, proxy, turns, alone }));
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    await application.stop();
  }
}

/** Requests per second of CPU time, in each turn. */
export function perCore({ turns }: RequestFigures): readonly number[] {
  return turns.map(({ cpu }) => 1_000_000 / cpu);
}

/** The median of the ratios of two proxies' requests per core, turn by turn: neighbours in time had the same machine. */
export function ratioOf(one: RequestFigures, other: RequestFigures): number {
  const others = perCore(other);
  return median(perCore(one).map((value, turn) => value / (others[turn] ?? Number.NaN)));
}

/** How much longer one proxy takes for an answer than another, on one connection, in microseconds. */
export function addedLatency(one: RequestFigures, other: RequestFigures): number {
  return median(one.alone.map((value, turn) => (value - (other.alone[turn] ?? Number.NaN)) * 1000));
}

async function turnOf(program: Program): Promise<Turn> {
  const before = program.cpuTime();
  const { requests, requestsPerSecond, p99 } = await load(program, 2, CONNECTIONS);
  return { requestsPerSecond, p99, cpu: (program.cpuTime() - before) / requests };
}

async function load(program: Program, seconds: number, connections: number): ReturnType<typeof makeLoad> {
  const result = await makeLoad({ port: program.port, path: '/', cookie: '' }, seconds, connections);
  if (result.failed > 0)
    throw new Error(`${program.name} did not answer ${result.failed} requests with the page`);
  return result;
}
