/** Secrets as files in a directory, as Docker, Kubernetes and systemd mount them. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { call, type Fault, fields, flag, maybe, name } from '../core/call.ts';
import { BulwarkError } from '../core/errors.ts';
import type { Problems } from '../core/problems.ts';
import { type Duration, parseDuration } from '../core/readers.ts';
import { maxAgeFit, maxAgeOf } from './max-age.ts';
import { isParted, partsOf, refuseParted } from './parted.ts';
import { NEW_SECRET, type SecretProvider } from './provider.ts';
import { isDue } from './secret-end.ts';
import { codeOf, readSecretFile } from './secret-file.ts';
import { rotateOnce } from './rotate-files.ts';

/** Where {@link files} looks. */
export interface FilesOptions {
  /** Default: `/run/secrets`, where containers find them. systemd: `process.env.CREDENTIALS_DIRECTORY`. */
  directory?: string;
  /** How often they are read again while the application runs, as Kubernetes writes mounted secrets anew: `'1m'`. Default never. */
  refresh?: Duration;
  /** How old the secret may get before the log asks for a new one, such as `'90d'`. By the time of its file. Default: any age. */
  maxAge?: Duration;
  /**
   * Whether the application puts a new one there itself, once it is as old as that. One process of all does it; the older ones
   * stay. Wants `maxAge`, `refresh`, and a directory that the application may write to.
   */
  rotate?: boolean;
}

const checkFiles = call("files({ directory: '/run/secrets' })", {
  options: fields<FilesOptions>({
    directory: maybe(name),
    refresh: maybe(refreshFit),
    maxAge: maybe(maxAgeFit),
    rotate: maybe(flag),
  }),
});

/**
 * One file a secret, in lower case: `bulwark_secret` holds the current one, `bulwark_secret_previous` the older
 * ones, one a line.
 *
 * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where `rotate` stands without `maxAge` and `refresh`
 */
export function files(options: FilesOptions = {}): SecretProvider {
  checkFiles(options);
  const directory = options.directory ?? '/run/secrets';
  const { refresh, maxAge, rotate = false } = options;
  const { maxAgeMs } = maxAgeOf(maxAge);
  if (rotate && (maxAgeMs === undefined || refresh === undefined)) {
    const reason = "rotate says how often by maxAge: '90d', and other processes learn of it by refresh: '1m'";
    throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', `files: options: ${reason}`);
  }
  const remedy = (name: string): string => `${NEW_SECRET.openssl} > ${pathOf(directory, name)}`;
  const rotation = `npx bulwark secrets rotate ${directory}`;
  return {
    name: 'files',
    load(name, problems) {
      const current = read(directory, name, problems);
      if (current === undefined) return [];
      if (isParted(current)) refuseParted(optionOf(name), name, remedy(name), problems);
      if (rotate) warnIfClosed(directory, rotation, problems);
      const previous = read(directory, `${name}_PREVIOUS`, problems) ?? '';
      return [
        // When it was written, it was not there for other processes before.
        refresh === undefined && maxAge === undefined
          ? current
          : { value: current, since: writtenAt(directory, name) },
        // A rotation that ended between its two files has left it in both, and the next start must not fail by that.
        ...partsOf(previous).filter((one) => one !== current),
      ];
    },
    ...(refresh !== undefined && { refreshMs: parseDuration(refresh) ?? LEAST_REFRESH_MS }),
    ...(maxAgeMs !== undefined && { maxAgeMs }),
    ...(rotate &&
      maxAgeMs !== undefined && {
        rotateIfDue: async (name: string, now: number) => {
          const since = writtenAt(directory, name);
          if (since === 0 || !isDue(since, maxAgeMs, now)) return;
          rotateOnce(directory, name, () => isDue(writtenAt(directory, name), maxAgeMs, now));
        },
      }),
    remedy,
    rotation: () => rotation,
  };
}

const LEAST_REFRESH_MS = 1000;

function refreshFit(value: unknown): Fault | undefined {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms !== undefined && ms >= LEAST_REFRESH_MS) return undefined;
  return { path: '', reason: "it must be a duration of at least a second, such as '1m'" };
}

function writtenAt(directory: string, name: string): number {
  return statSync(pathOf(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function read(directory: string, name: string, problems: Problems): string | undefined {
  const path = pathOf(directory, name);
  return existsSync(path) ? readSecretFile(path, optionOf(name), problems)?.trim() : undefined;
}

/** Said at the start: its first rotation may be months away. */
function warnIfClosed(directory: string, rotation: string, problems: Problems): void {
  try {
    accessSync(directory, constants.W_OK);
  } catch (error) {
    problems.warn(
      'ERR_BULWARK_INVALID_OPTION',
      'secrets',
      `files({ rotate: true }) cannot write to ${directory} (${codeOf(error)}), so that no new secret comes by itself.`,
      `let the user that runs the application write there, or leave rotate out, and run ${rotation} in time`,
    );
  }
}

function pathOf(directory: string, name: string): string {
  return join(directory, name.toLowerCase());
}

function optionOf(name: string): string {
  return `secrets.${name.toLowerCase()}`;
}
