/** Servers that a test starts for itself, on this machine and on a free port, and ends by their process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports that were given out in this process: none is given twice. */
const given = new Set<number>();

/** What runs still: it ends with this process, whatever its test forgot. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * A port that nobody listens on, below those that the system gives to connections: one of these may be taken by any
 * client on the machine before the server it was chosen for listens.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (given.has(port)) continue;
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    given.add(port);
    return port;
  }
}

/**
 * Starts a program. It is killed when this process exits, where it has not ended before.
 *
 * @throws Error that says how to get it where it is not there
 */
export async function startProgram(
  program: string,
  args: readonly string[],
  debianPackage: string,
): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const failed = once(child, 'error').then(([error]: unknown[]) => {
    throw new Error(`${program} is needed and could not be started: apt-get install ${debianPackage}`, {
      cause: error,
    });
  });
  await Promise.race([once(child, 'spawn'), failed]);
  failed.catch(() => undefined);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Ends a program, and waits until it is gone. */
export async function endProgram(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
}

/** Kills a program that was started detached, and whatever it has started: workers that outlive it hold its streams. */
export async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left in it.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await exited;
}
