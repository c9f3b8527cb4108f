/** A stack in a process of its own, held to one core. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Stack, StoreName } from '../stacks/stack.ts';
import { onCore } from './cores.ts';
import type { Profile } from './profiler.ts';

/** What the process is asked: what it has used so far; to begin a profile; to end it. */
export type ToServer = 'cpu' | 'profile' | 'profiled';

/** What the process says: once where it listens, and then what it has used, whenever it is asked something. */
export interface FromServer {
  readonly port?: number;
  readonly cpu?: NodeJS.CpuUsage;
  readonly profile?: Profile;
}

/** Such a process. */
export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  /** CPU time so far, in microseconds: of all its threads, in user space and in the kernel. */
  cpuTime(): Promise<number>;
  /** A profile of what the process does while `work` goes on. */
  profile(work: () => Promise<unknown>): Promise<Profile>;
  stop(): Promise<void>;
}

/** A stack on a store: a process. */
export interface Variant {
  readonly stack: Stack;
  readonly store: StoreName;
}

/** Which code, and with what. */
export interface ServerOptions {
  readonly redisUrl?: string | undefined;
  /** A checkout whose bench and code are run; this one unless it is said. */
  readonly root?: string;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** A program that it is run by, with its arguments. */
  readonly under?: readonly string[];
}

/** This checkout. */
export const ROOT: string = join(import.meta.dirname, '../..');

/** Starts a stack, held to a core. Undefined: to none. */
export async function startServer(
  { stack, store }: Variant,
  core: number | undefined,
  { redisUrl, root = ROOT, env = {}, under = [] }: ServerOptions = {},
): Promise<ServerProcess> {
  const script = join(root, 'bench/load/serve.ts');
  const redis = redisUrl === undefined ? [] : [redisUrl];
  const node = [process.execPath, '--conditions=bulwark-source', script, stack.name, store, ...redis];
  const command = [...under, ...node];
  const [program = '', ...args] = onCore(core, command);
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  });
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4000);
  });
  child.once('exit', (code) => {
    if (code !== 0) console.error(`${stack.name} ended with ${code}:\n${complaints}`);
  });
  const { port = 0 } = await answerOf(child, stack);
  const ask = (question: ToServer): Promise<FromServer> => {
    child.send(question);
    return answerOf(child, stack);
  };
  return {
    port,
    pid: child.pid ?? Number.NaN,
    cpuTime: async () => {
      const { cpu } = await ask('cpu');
      return cpu === undefined ? Number.NaN : cpu.user + cpu.system;
    },
    profile: async (work) => {
      await ask('profile');
      await work();
      const { profile } = await ask('profiled');
      return profile ?? { functions: [], lines: [] };
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
