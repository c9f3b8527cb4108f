/** One rotation at a time, of all processes that share a directory of secrets. */
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { hostname, uptime } from 'node:os';

/** Somebody else is at it. */
export class Rotating extends Error {
  override readonly name = 'Rotating';
  /** Whether that takes far longer than it should. */
  readonly isOverdue: boolean;

  constructor(message: string, isOverdue: boolean) {
    super(message);
    this.isOverdue = isOverdue;
  }
}

/** Far longer than a rotation takes: whoever has it was killed, or is stopped. */
const OVERDUE_MS = 60_000;
/** Where nobody can see whether the holder lives, as on another machine, whose clock may differ from the file's too. */
const UNSEEN_MS = 3_600_000;

/** A file that one process alone can make (O_EXCL), and that names it. */
export class RotationLock {
  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /** The lock, or who has it. */
  static take(path: string): RotationLock | Rotating {
    if (existsSync(path) && !(isStale(path) && clear(path))) return heldBy(path);
    const text = `${process.pid} ${hostname()} ${randomUUID()}\n`;
    let file: number;
    try {
      file = openSync(path, 'wx', 0o600);
    } catch (error) {
      if (isCode(error, 'EEXIST')) return heldBy(path);
      throw error;
    }
    try {
      writeSync(file, text);
    } catch (error) {
      // On a full disk it would name nobody, and stand there for an hour.
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    return new RotationLock(path, text);
  }

  /** Runs it, and gives the lock back. */
  during<T>(work: () => T): T {
    try {
      return work();
    } finally {
      if (this.#isOurs()) rmSync(this.#path, { force: true });
    }
  }

  /** Throws where this process was stopped for so long that another one has the lock now: it must write nothing any more. */
  hold(): void {
    if (!this.#isOurs()) throw heldBy(this.#path);
  }

  #isOurs(): boolean {
    return textOf(this.#path) === this.#text;
  }
}

function heldBy(path: string): Rotating {
  const [pid, host] = holderOf(path);
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  const who = pid === undefined ? 'another process' : `process ${pid} on ${host}`;
  const since = made === undefined ? '' : ` since ${new Date(made).toISOString()}`;
  return new Rotating(
    `${path}: ${who} rotates${since}. Nothing was changed: try again; if that process is gone, remove the file first.`,
    made !== undefined && Date.now() - made > OVERDUE_MS,
  );
}

/** Takes a stale one out of the way, in one of several processes that found it. */
function clear(path: string): boolean {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
  const isOld = isStale(aside);
  // Another process took the stale one away and has made this since: it goes back.
  if (isOld) rmSync(aside, { force: true });
  else renameSync(aside, path);
  return isOld;
}

/** Never that of a process which is seen to live, however long it was stopped. */
function isStale(path: string): boolean {
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (made === undefined || Date.now() - made <= OVERDUE_MS) return false;
  const [pid, host] = holderOf(path);
  if (pid === undefined || host !== hostname()) return Date.now() - made > UNSEEN_MS;
  // Since this machine began, its numbers go to others.
  if (made < Date.now() - uptime() * 1000) return true;
  // A container has the same number at its next start, and a rotation of this process has ended before this line.
  return pid === process.pid || !isAlive(pid);
}

function holderOf(path: string): readonly [pid: number, host: string] | readonly [] {
  const [, pid, host] = /^(\d{1,10}) (\S{1,255}) \S+\n$/.exec(textOf(path)) ?? [];
  return pid === undefined || host === undefined ? [] : [Number(pid), host];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's, and there.
    return !isCode(error, 'ESRCH');
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return '';
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
