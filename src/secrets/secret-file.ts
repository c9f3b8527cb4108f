/** Reads one mounted secret, and says what is wrong with the file in words that lead to the fix. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import type { Problems } from '../core/problems.ts';
import { MAX_SECRET_BYTES } from './secret-strength.ts';

const MAX_FILE_BYTES = 16 * MAX_SECRET_BYTES;

/**
 * The text of a secret file without its last line break, or undefined where it cannot be used, which is then a
 * problem under `option`. Never waits: a pipe or a device in the file's place is refused, not read.
 */
export function readSecretFile(path: string, option: string, problems: Problems): string | undefined {
  let descriptor: number | undefined;
  try {
    // O_NONBLOCK: opening a named pipe that nobody writes to would hang the start.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > MAX_FILE_BYTES) {
      refuse(
        `${path} is not a file of at most ${MAX_FILE_BYTES} bytes.`,
        `point ${option} at the secret's own file`,
      );
      return undefined;
    }
    warnIfOpen(path, stats, option, problems);
    return (
      decode(readFileSync(descriptor)) ?? refuse(`${path} is not text.`, 'write the secret as hex or base64')
    );
  } catch (error) {
    return refuse(`${path} could not be read (${codeOf(error)}).`, remedyFor(codeOf(error), path, option));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }

  function refuse(reason: string, fix: string): undefined {
    problems.refuse('ERR_BULWARK_SECRET_MISSING', option, reason, fix);
  }
}

/** The code of a system error, such as `ENOENT`; its message may quote what must not be shown. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no error object';
  return 'code' in error && typeof error.code === 'string' && /^[\w.-]{1,60}$/.test(error.code)
    ? error.code
    : error.name;
}

/** Who else is on the machine can read a secret that is open to all: a neighbour's process, a backup, a shell. */
function warnIfOpen(path: string, stats: Stats, option: string, problems: Problems): void {
  if (process.platform === 'win32' || (stats.mode & 0o007) === 0) return;
  problems.warn(
    'ERR_BULWARK_SECRET_WEAK',
    option,
    `${path} is open to every user of this machine (mode ${(stats.mode & 0o777).toString(8)}).`,
    `chmod 600 ${path} (Compose: \`mode: 0400\` and \`uid\`; Kubernetes: \`defaultMode: 0440\` and \`fsGroup\`)`,
  );
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}

function remedyFor(code: string, path: string, option: string): string {
  if (code === 'EACCES' || code === 'EPERM') {
    return `let the user that runs the application read it: chown ${process.getuid?.() ?? 'USER'} ${path}`;
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') return `mount the secret there, or correct ${option}`;
  return `point ${option} at a readable file`;
}
