/** Secrets as files in a directory, as Docker, Kubernetes and systemd mount them. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { call, type Fault, fields, maybe, name } from '../core/call.ts';
import type { Problems } from '../core/problems.ts';
import { type Duration, parseDuration } from '../core/readers.ts';
import { NEW_SECRET, type SecretProvider } from './provider.ts';
import { readSecretFile } from './secret-file.ts';

/** Where {@link files} looks. */
export interface FilesOptions {
  /** Default: `/run/secrets`, where containers find them. systemd: `process.env.CREDENTIALS_DIRECTORY`. */
  directory?: string;
  /** How often they are read again while the application runs, as Kubernetes writes mounted secrets anew: `'1m'`. Default never. */
  refresh?: Duration;
}

const checkFiles = call("files({ directory: '/run/secrets' })", {
  options: fields<FilesOptions>({
    directory: maybe(name),
    refresh: maybe(refreshFit),
  }),
});

/**
 * One file a secret, in lower case: `bulwark_secret` holds the current one, `bulwark_secret_previous` the older
 * ones, one a line.
 */
export function files(options: FilesOptions = {}): SecretProvider {
  checkFiles(options);
  const directory = options.directory ?? '/run/secrets';
  return {
    name: 'files',
    load(name, problems) {
      const current = read(directory, name, problems);
      if (current === undefined) return [];
      const previous = read(directory, `${name}_PREVIOUS`, problems) ?? '';
      return [
        // When it was written, it was not there for other processes before.
        options.refresh === undefined ? current : { value: current, since: writtenAt(directory, name) },
        ...previous
          .split(/[,\r\n]/)
          .map((one) => one.trim())
          .filter(Boolean),
      ];
    },
    ...(options.refresh !== undefined && { refreshMs: parseDuration(options.refresh) ?? LEAST_REFRESH_MS }),
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
