/** A stack in a process of its own, held to one core. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Stack } from '../stacks/stack.ts';
import { onCore } from './cores.ts';

/** What the process says: once where it listens, and when asked what it has used. */
export type FromServer = { readonly port: number } | { readonly cpu: NodeJS.CpuUsage };

/** Such a process. */
export interface ServerProcess {
  readonly port: number;
  /** CPU time so far, in microseconds: of all its threads, in user space and in the kernel. */
  cpuTime(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts a stack.
 *
 * @param nodeOptions - for `node` itself, such as those of a profile
 */
export async function startServer(
  stack: Stack,
  core: number,
  redisUrl: string | undefined,
  nodeOptions: readonly string[] = [],
): Promise<ServerProcess> {
  const script = join(import.meta.dirname, 'serve.ts');
  const redis = redisUrl === undefined ? [] : [redisUrl];
  const command = [
    process.execPath,
    '--conditions=bulwark-source',
    ...nodeOptions,
    script,
    stack.name,
    ...redis,
  ];
  const [program = '', ...args] = onCore(core, command);
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4000);
  });
  child.once('exit', (code) => {
    if (code !== 0) console.error(`${stack.name} ended with ${code}:\n${complaints}`);
  });
  const started = await answerOf(child, stack);
  if (!('port' in started)) throw new Error(`${stack.name} did not say where it listens`);
  return {
    port: started.port,
    cpuTime: async () => {
      child.send('cpu');
      const answer = await answerOf(child, stack);
      return 'cpu' in answer ? answer.cpu.user + answer.cpu.system : Number.NaN;
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

function answerOf(child: ChildProcess, stack: Stack): Promise<FromServer> {
  const { promise, resolve, reject } = Promise.withResolvers<FromServer>();
  const onExit = (code: number | null): void => reject(new Error(`${stack.name} ended with ${code}`));
  child.once('exit', onExit);
  child.once('error', reject);
  child.once('message', (message) => resolve(message as FromServer));
  return promise.finally(() => {
    child.off('exit', onExit);
    child.off('error', reject);
  });
}
