/** A Redis of our own: on a port of no one's choosing, in memory, gone with whoever started it. */
import { connect } from 'node:net';
import { endProgram, freePort, startProgram } from '../../test/support/processes.ts';
import { onCore } from '../load/cores.ts';
import { until } from '../../test/support/until.ts';

/** A server that runs. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts `redis-server` without persistence, held to a core if one is given. */
export async function startRedis(core?: number): Promise<RedisServer> {
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const [program = '', ...args] = onCore(core, ['redis-server', ...settings]);
  const child = await startProgram(program, args, 'redis-server');
  await until('Redis answers', () => accepts(port));
  return { url: `redis://127.0.0.1:${port}`, port, stop: () => endProgram(child) };
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
