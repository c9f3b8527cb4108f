/** A rotation of secrets that lie in files, in an order in which no process finds nothing that verifies. */
import {
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { BulwarkError } from '../core/errors.ts';
import { newSecret } from './new-secret.ts';
import { isParted, partsOf } from './parted.ts';
import { Rotating, RotationLock } from './rotation-lock.ts';

/** What became of the files. */
export interface RotatedFiles {
  /** The file of the secret that signs from now on. */
  readonly current: string;
  /** The file of those that still verify. */
  readonly previous: string;
  /** How many these are. */
  readonly kept: number;
  /** How many were thrown away: what only they signed or sealed is void. */
  readonly dropped: number;
}

/**
 * Puts a new secret into the file of the current one, and the current one in front of the older ones. That first: a process that
 * starts in between finds one secret twice, and not one too few. One process at a time: of two, one would put away what the other
 * made a moment ago, and nobody would have it.
 *
 * @param keep - how many older ones stay. Without it all do, since files do not tell who still needs them
 * @throws BulwarkError ERR_BULWARK_INVALID_OPTION where the current one would be kept in pieces, or one would have to go and nobody
 * said so
 * @throws Error where a file cannot be read or written, or another process is at it
 */
export function rotateFiles(directory: string, name: string, keep?: number): RotatedFiles {
  const lock = RotationLock.take(lockOf(directory, name));
  if (lock instanceof Rotating) throw lock;
  return lock.during(() => rotate(directory, name, keep, lock));
}

/**
 * As {@link rotateFiles}, by one process of several, and so that no secret goes: what one of them sealed or hashed may be needed by
 * somebody who signs in once a year. Where there are as many as are read, nothing is done, and a person has to look.
 *
 * @param isStillDue - asked again once no other process is at it
 * @throws Error where one has been at it for far longer than it takes: a person has to look
 */
export function rotateOnce(directory: string, name: string, isStillDue: () => boolean): void {
  const path = join(directory, name.toLowerCase());
  const lock = RotationLock.take(lockOf(directory, name));
  if (lock instanceof Rotating) {
    if (lock.isOverdue) throw lock;
    return;
  }
  lock.during(() => {
    if (isStillDue() && olderThan(textOf(path), `${path}_previous`).length < MOST_OLDER)
      rotate(directory, name, MOST_OLDER, lock);
  });
}

/** As many older ones are read: each is tried at every verification. */
export const MOST_OLDER = 8;

function lockOf(directory: string, name: string): string {
  return `${join(directory, name.toLowerCase())}.rotating`;
}

function rotate(directory: string, name: string, keep: number | undefined, lock: RotationLock): RotatedFiles {
  const current = join(directory, name.toLowerCase());
  const previous = `${current}_previous`;
  const now = textOf(current);
  if (keep !== 0 && isParted(now)) {
    const reason =
      'it has a comma or a line break in it, and would be kept in pieces. --keep 0 throws it away';
    throw new BulwarkError('ERR_BULWARK_INVALID_OPTION', `${current}: ${reason}.`);
  }
  const all = [...(now === '' ? [] : [now]), ...olderThan(now, previous)];
  if (keep === undefined && all.length > MOST_OLDER) {
    // What it sealed or hashed may be needed by somebody who signs in once a year.
    const reason = `there is no room for one more than ${MOST_OLDER}. --keep ${MOST_OLDER} throws the oldest away`;
    throw new BulwarkError('ERR_BULWARK_INVALID_OPTION', `${previous}: ${reason}.`);
  }
  const older = all.slice(0, keep);
  clearLeft(directory, name);
  if (older.length > 0 || existsSync(previous)) writeWhole(previous, older, current, lock);
  writeWhole(current, [newSecret()], current, lock);
  return { current, previous, kept: older.length, dropped: all.length - older.length };
}

/** What runs that were killed have left: secrets that nobody would think of any more. */
function clearLeft(directory: string, name: string): void {
  const own = name.toLowerCase();
  for (const file of readdirSync(directory))
    if (
      (file.startsWith(`${own}.`) || file.startsWith(`${own}_previous.`)) &&
      /\.[0-9a-f-]{36}\.new$/.test(file)
    )
      rmSync(join(directory, file), { force: true });
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
}

/** Without the current one, which a run that failed between the two files has left in both. */
function olderThan(current: string, previous: string): readonly string[] {
  return [...new Set(partsOf(textOf(previous)))].filter((one) => one !== current);
}

/** Whole or not at all, and for those who could read the secret before, and nobody else: root rotates it, the application reads it. */
function writeWhole(path: string, secrets: readonly string[], like: string, lock: RotationLock): void {
  const made = `${path}.${randomUUID()}.new`;
  const model = statSync(like, { throwIfNoEntry: false });
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
    lock.hold();
    renameSync(made, path);
    keepName(path);
  } catch (error) {
    rmSync(made, { force: true });
    throw error;
  }
}

/** A name is on the disk when its directory is. Windows opens none, and writes names through by itself. */
function keepName(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
