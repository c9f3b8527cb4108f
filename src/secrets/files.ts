/** Secrets as files in a directory, as Docker, Kubernetes and systemd mount them. */
import { call, fields, maybe, name } from '../core/call.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Problems } from '../core/problems.ts';
import { NEW_SECRET, type SecretProvider } from './provider.ts';
import { readSecretFile } from './secret-file.ts';

/** Where {@link files} looks. */
export interface FilesOptions {
  /** Default: `/run/secrets`, where containers find them. systemd: `process.env.CREDENTIALS_DIRECTORY`. */
  directory?: string;
}

const checkFiles = call("files({ directory: '/run/secrets' })", {
  options: fields<FilesOptions>({ directory: maybe(name) }),
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
        current,
        ...previous
          .split(/[,\r\n]/)
          .map((one) => one.trim())
          .filter(Boolean),
      ];
    },
    remedy: (name) => `${NEW_SECRET.openssl} > ${join(directory, name.toLowerCase())}`,
  };
}

function read(directory: string, name: string, problems: Problems): string | undefined {
  const path = join(directory, name.toLowerCase());
  return existsSync(path)
    ? readSecretFile(path, `secrets.${name.toLowerCase()}`, problems)?.trim()
    : undefined;
}
