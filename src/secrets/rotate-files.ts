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
import { join } from 'node:path';
import { newSecret } from './new-secret.ts';

/** What became of the files. */
export interface RotatedFiles {
  /** The file of the secret that signs from now on. */
  readonly current: string;
  /** The file of those that still verify. */
  readonly previous: string;
  /** How many these are. */
  readonly kept: number;
}

/**
 * Puts a new secret into the file of the current one, and the current one in front of the older ones. That first: a process that
 * starts in between finds one secret twice, and not one too few.
 *
 * @param keep - how many older ones stay
 * @throws Error where a file cannot be read or written
 */
export function rotateFiles(directory: string, name: string, keep: number): RotatedFiles {
  const current = join(directory, name.toLowerCase());
  const previous = `${current}_previous`;
  // A run that failed between the two files has left the current one in both.
  const older = [...new Set([...lines(current), ...lines(previous)])].slice(0, keep);
  if (older.length > 0 || existsSync(previous)) writeWhole(previous, older, current);
  writeWhole(current, [newSecret()], current);
  return { current, previous, kept: older.length };
}

function lines(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split(/[,\r\n]/)
    .map((one) => one.trim())
    .filter(Boolean);
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
