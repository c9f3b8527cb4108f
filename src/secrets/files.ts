/** Secrets as files in a directory, as Docker, Kubernetes and systemd mount them. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { call, type Fault, fields, flag, maybe, name } from '../core/call.ts';
import { BulwarkError } from '../core/errors.ts';
import type { Problems } from '../core/problems.ts';
import { type Duration, parseDuration } from '../core/readers.ts';
import { maxAgeFit, maxAgeOf } from './max-age.ts';
import { NEW_SECRET, type SecretProvider } from './provider.ts';
import { isDue } from './secret-end.ts';
import { readSecretFile } from './secret-file.ts';

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
  return {
    name: 'files',
    load(name, problems) {
      const current = read(directory, name, problems);
      if (current === undefined) return [];
      const previous = read(directory, `${name}_PREVIOUS`, problems) ?? '';
      return [
        // When it was written, it was not there for other processes before.
        refresh === undefined && maxAge === undefined
          ? current
          : { value: current, since: writtenAt(directory, name) },
        ...previous
          .split(/[,\r\n]/)
          .map((one) => one.trim())
          .filter(Boolean),
      ];
    },
    ...(refresh !== undefined && { refreshMs: parseDuration(refresh) ?? LEAST_REFRESH_MS }),
    ...(maxAgeMs !== undefined && { maxAgeMs }),
    ...(rotate &&
      maxAgeMs !== undefined && {
        rotateIfDue: async (name: string, now: number) => {
          const since = writtenAt(directory, name);
          if (since === 0 || !isDue(since, maxAgeMs, now)) return;
          const { rotateOnce } = await import('./rotate-files.ts');
          rotateOnce(directory, name, () => isDue(writtenAt(directory, name), maxAgeMs, now));
        },
      }),
    remedy: (name) => `${NEW_SECRET.openssl} > ${join(directory, name.toLowerCase())}`,
  };
}

const LEAST_REFRESH_MS = 1000;

function refreshFit(value: unknown): Fault | undefined {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms !== undefined && ms >= LEAST_REFRESH_MS) return undefined;
  return { path: '', reason: "it must be a duration of at least a second, such as '1m'" };
}

function writtenAt(directory: string, name: string): number {
  return statSync(join(directory, name.toLowerCase()), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function read(directory: string, name: string, problems: Problems): string | undefined {
  const path = join(directory, name.toLowerCase());
  return existsSync(path)
    ? readSecretFile(path, `secrets.${name.toLowerCase()}`, problems)?.trim()
    : undefined;
}
