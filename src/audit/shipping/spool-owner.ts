/**
 * Whose spool a folder is, and whether that process still runs. Its number alone does not tell: in a container it is 1 each
 * time, and two containers that share a volume both have it.
 */
import { hash } from 'node:crypto';
import { statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { randomId } from '../../core/random.ts';

const NAME = /^(\d+)-(?:(\d+)-([0-9a-f]{8})-)?/;
/** Those of this thread of this process. */
const ours = new Set<string>();

/** How often a folder is marked as being in use. */
export const MARK_MS = 60_000;
/** A process of another host that has not marked its folder for so long is no more. */
const GONE_MS = 5 * MARK_MS;

/** A name for a folder of this process. */
export function ownName(): string {
  const name = `${process.pid}-${ownThread()}-${ownHost()}-${randomId(6)}`;
  ours.add(name);
  return name;
}

/** The folder is no longer in use. */
export function disown(name: string): void {
  ours.delete(name);
}

/** Says to other hosts that the folder is in use. */
export function markUsed(folder: string): void {
  const now = new Date();
  utimesSync(folder, now, now);
}

/** Whether the process that a folder is of may have ended. False for what is no spool. */
export function isLeft(folder: string, name: string): boolean {
  const [, pid, thread, host] = NAME.exec(name) ?? [];
  if (pid === undefined || ours.has(name)) return false;
  // Of an earlier version, which marks nothing.
  if (host === undefined) return Number(pid) === process.pid || !isAlive(Number(pid));
  const marked = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  if (marked === undefined) return false;
  if (Date.now() - marked > GONE_MS) return true;
  if (host !== ownHost()) return false;
  return Number(pid) === process.pid ? thread === String(ownThread()) : !isAlive(Number(pid));
}

function ownHost(): string {
  return hash('sha256', hostname(), 'hex').slice(0, 8);
}

// Taken where it is used: most applications ship no log, and all of them would wait for it at their start.
function ownThread(): number {
  return process.getBuiltinModule('node:worker_threads').threadId;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
