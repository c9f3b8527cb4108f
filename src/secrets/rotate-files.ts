/** A rotation of secrets that lie in files, in an order in which no process finds nothing that verifies. */
import {
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  closeSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { BulwarkError } from '../core/errors.ts';
import { newSecret } from './new-secret.ts';
import { isParted, partsOf } from './parted.ts';

/** What became of the files. */
export interface RotatedFiles {
  /** The file of the secret that signs from now on. */
  readonly current: string;
  /** The file of those that still verify. */
  readonly previous: string;
  /** How many these are. */
  readonly kept: number;
  /** How many verified until now, and do not any more. */
  readonly dropped: number;
}

/** As many older ones are read: each is tried at every verification. */
export const MOST_OLDER = 8;

/**
 * Puts a new secret into the file of the current one, and the current one in front of the older ones. That first: a process that
 * starts in between finds one secret twice, and not one too few.
 *
 * @param keep - how many older ones stay; without it none goes, and where there is no room for one more nothing is done
 * @throws BulwarkError ERR_BULWARK_INVALID_OPTION where the current one would be kept in pieces, or an older one would go unasked
 * @throws Error where another run is at it, or a file cannot be read or written
 */
export function rotateFiles(directory: string, name: string, keep?: number): RotatedFiles {
  const current = join(directory, name.toLowerCase());
  const lock = lockOf(current);
  if (!take(lock))
    throw new Error(
      `${lock} is there: something else rotates this secret at this moment. Look at what it has done before you rotate again. ` +
        'What a run that was killed has left is taken away after a minute.',
    );
  try {
    return rotate(current, keep);
  } finally {
    rmSync(lock, { force: true });
  }
}

/** By whoever holds the lock. */
function rotate(current: string, keep: number | undefined): RotatedFiles {
  const previous = `${current}_previous`;
  const now = textOf(current);
  if (keep !== 0 && isParted(now)) {
    const reason =
      'it has a comma or a line break in it, and would be kept in pieces. --keep 0 throws it away';
    throw new BulwarkError('ERR_BULWARK_INVALID_OPTION', `${current}: ${reason}.`);
  }
  const known = [...(now === '' ? [] : [now]), ...olderThan(now, previous)];
  if (keep === undefined && known.length > MOST_OLDER) {
    // What it sealed or hashed may be needed by somebody who signs in once a year.
    const reason = `there is no room for one more than ${MOST_OLDER}. --keep ${MOST_OLDER} throws the oldest away`;
    throw new BulwarkError('ERR_BULWARK_INVALID_OPTION', `${previous}: ${reason}.`);
  }
  const older = known.slice(0, keep);
  if (older.length > 0 || existsSync(previous)) writeWhole(previous, older, current);
  writeWhole(current, [newSecret()], current);
  return { current, previous, kept: older.length, dropped: known.length - older.length };
}

/**
 * As {@link rotateFiles}, by one process of several, and so that no secret goes: what one of them sealed or hashed may be needed by
 * somebody who signs in once a year. Where there are as many as are read, nothing is done, and a person has to look.
 *
 * @param isStillDue - asked again once no other process is at it
 */
export function rotateOnce(directory: string, name: string, isStillDue: () => boolean): void {
  const path = join(directory, name.toLowerCase());
  const lock = lockOf(path);
  if (!take(lock)) return;
  try {
    if (isStillDue() && olderThan(textOf(path), `${path}_previous`).length < MOST_OLDER)
      rotate(path, MOST_OLDER);
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Far longer than it takes: whoever had it was killed. */
const LOCK_MS = 60_000;

function lockOf(path: string): string {
  return `${path}.rotating`;
}

/** Whether this process may. */
function take(lock: string): boolean {
  if (existsSync(lock) && !(isStale(lock) && clear(lock))) return false;
  try {
    closeSync(openSync(lock, 'wx', 0o600));
    return true;
  } catch (error) {
    return otherwise(error, 'EEXIST');
  }
}

/** Takes a stale one out of the way, in one of several processes that found it. */
function clear(lock: string): boolean {
  const aside = `${lock}.${randomUUID()}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    return otherwise(error, 'ENOENT');
  }
  const isOurs = isStale(aside);
  // Another process took the stale one away and has made this since: it goes back.
  if (isOurs) rmSync(aside, { force: true });
  else renameSync(aside, lock);
  return isOurs;
}

function isStale(lock: string): boolean {
  const held = statSync(lock, { throwIfNoEntry: false });
  return held !== undefined && Date.now() - held.mtimeMs > LOCK_MS;
}

/** False where another process did it; what is no such sign is thrown. */
function otherwise(error: unknown, sign: 'EEXIST' | 'ENOENT'): false {
  if (error instanceof Error && 'code' in error && error.code === sign) return false;
  throw error;
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
}

/** Without the current one, which a run that failed between the two files has left in both. */
function olderThan(current: string, previous: string): readonly string[] {
  return [...new Set(partsOf(textOf(previous)))].filter((one) => one !== current);
}

/** Whole or not at all, and for those who could read the secret before, and nobody else: root rotates it, the application reads it. */
function writeWhole(path: string, secrets: readonly string[], like: string): void {
  const made = `${path}.new`;
  const model = statSync(like, { throwIfNoEntry: false });
  // What a run that was killed has left.
  rmSync(made, { force: true });
  const file = openSync(made, 'wx', 0o600);
  try {
    try {
      if (model !== undefined) {
        const own = fstatSync(file);
        if (own.uid !== model.uid || own.gid !== model.gid) fchownSync(file, model.uid, model.gid);
        fchmodSync(file, model.mode & 0o777);
      }
      writeSync(file, secrets.map((secret) => `${secret}\n`).join(''));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(made, path);
  } catch (error) {
    rmSync(made, { force: true });
    throw error;
  }
}
