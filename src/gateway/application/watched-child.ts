/** A child in a process group of its own, which is gone when this process is, killed or not. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a child ended. */
export interface Ending {
  /** Its exit code, or 128 and the number of the signal that ended it, as shells count. */
  readonly code: number;
  /** For a person: "gunicorn ended with code 3". */
  readonly said: string;
}

/** There is no such program, or it may not be run. */
export class NoSuchProgram extends Error {
  override readonly name = 'NoSuchProgram';
}

const POLL_MS = 50;

/**
 * Ends the child's group when this process has gone without a word, as by SIGKILL: whoever starts it again would find the workers
 * of before. It reads from a pipe whose other end only this process holds.
 */
const WATCHER = `read -r word
[ "$word" = done ] && exit
kill -s TERM -- "-$1"
for second in 1 2 3 4 5 6 7 8 9 10; do
  kill -s 0 -- "-$1" || break
  sleep 1
done
kill -s KILL -- "-$1"
[ -z "$2" ] || rm -rf -- "$2"`;

/** A running child. */
export class WatchedChild {
  /** Resolves when it ends, for whatever reason. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #watcher: ChildProcess;

  private constructor(name: string, child: ChildProcess, folder: string | undefined) {
    this.#child = child;
    this.ended = once(child, 'exit').then(([code, signal]: (number | string | null)[]) =>
      endingOf(name, code as number | null, signal as NodeJS.Signals | null),
    );
    this.#watcher = spawn('/bin/sh', ['-c', WATCHER, 'sh', String(child.pid), folder ?? ''], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  }

  /**
   * Starts it in a group of its own: Ctrl-C is for this process, which ends what it has started in the right order. `folder` is
   * its own, and goes with it where this process is killed; `name` is what its end is told by.
   *
   * @throws NoSuchProgram
   */
  static async start(
    words: readonly string[],
    env: NodeJS.ProcessEnv,
    { folder, name }: { readonly folder?: string; readonly name?: string } = {},
  ): Promise<WatchedChild> {
    const [program = '', ...args] = words;
    const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
    try {
      await once(child, 'spawn');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new NoSuchProgram(
        code === 'ENOENT'
          ? `There is no program ${program} on the path.`
          : `${program} could not be started: ${code}.`,
        { cause },
      );
    }
    return new WatchedChild(name ?? program, child, folder);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Tells it alone, and not what it has started. */
  tell(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it and whatever it has started: it is asked to, and killed where it has not ended in time. */
  async end(ms: number): Promise<void> {
    const deadline = performance.now() + ms;
    if (this.isRunning) this.tell('SIGTERM');
    while (this.isRunning && performance.now() < deadline) await sleep(POLL_MS);
    for (
      let isThere = this.#tellAll('SIGTERM');
      isThere && performance.now() < deadline;
      isThere = this.#tellAll(0)
    )
      await sleep(POLL_MS);
    this.#tellAll('SIGKILL');
    await this.ended;
    const isWatching = this.#watcher.exitCode === null && this.#watcher.signalCode === null;
    const gone = isWatching ? once(this.#watcher, 'exit') : undefined;
    this.#watcher.stdin?.end('done\n');
    await gone;
  }

  /** Tells the whole group, or with 0 asks whether somebody is left in it. */
  #tellAll(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-(this.#child.pid ?? 0), signal);
    } catch {
      return false;
    }
  }
}

function endingOf(name: string, code: number | null, signal: NodeJS.Signals | null): Ending {
  if (signal === null) return { code: code ?? 1, said: `${name} ended with code ${code}` };
  return { code: 128 + (constants.signals[signal] ?? 0), said: `${name} was ended by ${signal}` };
}
