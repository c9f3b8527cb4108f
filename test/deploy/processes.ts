/** Programs that a test starts, waits for, and stops again by their process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../support/processes.ts';

/** A program that was started. */
export interface Program {
  /** Everything it wrote to either output so far. */
  readonly said: () => string;
  /** Sends a signal (SIGTERM) and waits for the end. Returns the exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
  readonly hasEnded: () => boolean;
}

/** How a program is started. */
export interface Launch {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

const START_MS = 30_000;

/** Starts a program. Nothing of this process's environment but PATH reaches it. */
export function launch(
  command: string,
  args: readonly string[],
  { env = {}, ...options }: Launch = {},
): Program {
  const child: ChildProcess = spawn(command, args, {
    ...options,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let ended = false;
  child.stdout?.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  child.on('error', (error) => (said += error.message));
  const exit = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', resolve);
  });
  void exit.then(() => (ended = true));
  return {
    said: () => said,
    hasEnded: () => ended,
    stop: async (signal = 'SIGTERM') => {
      if (!ended) child.kill(signal);
      return exit;
    },
  };
}

/** Waits until a program listens on a port. Throws with what it said where it ends instead, or never does. */
export async function listens(program: Program, port: number): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (!(await canConnect(port))) {
    if (program.hasEnded()) throw new Error(`it ended: ${program.said()}`);
    if (performance.now() > deadline) throw new Error(`it never listened on ${port}: ${program.said()}`);
    await pause(20);
  }
}

/** Whether something on this machine listens on a port. */
export async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** An empty directory, and a function that removes it. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'bulwark-deploy-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Ports that a program was started on. */
export interface Ports {
  readonly httpPort: number;
  readonly httpsPort: number;
}

const TRIES = 5;

/** Starts a program that has to be told its two ports, and waits until it listens on both. */
export async function startOnFreePorts(
  startProgram: (ports: Ports) => Program,
): Promise<Ports & { readonly program: Program }> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = { httpPort: await freePort(), httpsPort: await freePort() };
    const program = startProgram(ports);
    try {
      await listens(program, ports.httpPort);
      await listens(program, ports.httpsPort);
      return { program, ...ports };
    } catch (error) {
      await program.stop();
      // Somebody took a port in between.
      if (attempt === TRIES || !/address already in use/i.test(program.said())) throw error;
    }
  }
}

/** A text with other places. Throws where it no longer has what is to be replaced. */
export function substitute(text: string, places: readonly (readonly [RegExp, string])[]): string {
  return places.reduce((before, [what, by]) => {
    if (before.match(what) === null)
      throw new Error(`there is no ${String(what)} in the shipped file any more`);
    return before.replaceAll(what, () => by);
  }, text);
}
