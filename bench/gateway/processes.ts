/** Programs beside each other, each held to a core, and what they have used by the kernel's own count. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onCore } from '../load/cores.ts';

/** A program that runs, with its children. */
export interface Program {
  readonly name: string;
  readonly port: number;
  /** CPU time so far, in microseconds: of all its processes and threads, in user space and in the kernel. */
  cpuTime(): number;
  /** Resident bytes, of all its processes, now. */
  memory(): number;
  /** The most resident bytes of any of its processes since {@link Program.forgetPeak}. */
  peakMemory(): number;
  forgetPeak(): void;
  stop(): Promise<void>;
}

/** Starts a program on a core, and waits until it takes connections. */
export async function startProgram(
  name: string,
  port: number,
  core: number | undefined,
  command: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Program> {
  const [program = '', ...args] = onCore(core, command);
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: options.env ?? process.env,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  await listening(name, port, child, () => said);
  const all = (): readonly number[] => withChildren(child.pid ?? 0);
  const sum = (of: (pid: number) => number): number => all().reduce((total, pid) => total + of(pid), 0);
  return {
    name,
    port,
    cpuTime: () => sum(cpuTimeOf),
    memory: () => sum((pid) => statusOf(pid, 'VmRSS')),
    peakMemory: () => Math.max(...all().map((pid) => statusOf(pid, 'VmHWM'))),
    forgetPeak: () => {
      for (const pid of all()) writeFileSync(`/proc/${pid}/clear_refs`, '5');
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exit;
      clearTimeout(timer);
    },
  };
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(name: string, port: number, child: ChildProcess, said: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${said()}`);
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error(`${name} did not listen within 20 s:\n${said()}`);
}

function withChildren(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return [pid, ...children.flatMap((child) => withChildren(Number(child)))];
}

/** Linux counts in hundredths of a second. */
const TICK_US = 10_000;

function cpuTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may hold anything, in its brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

function statusOf(pid: number, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? 0) * 1024;
}
