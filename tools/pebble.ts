/** Pebble, the ACME server that the authors of Let's Encrypt test clients by, and the name server that belongs to it: by Go, pinned. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = 'v2.10.3';
const FOLDER = join(import.meta.dirname, `.pebble/${VERSION}`);

/** Where the programs `pebble` and `pebble-challtestsrv` are. Built once; Go holds the sources to its public record of hashes. */
export function pebbleFolder(): string {
  if (existsSync(join(FOLDER, 'pebble')) && existsSync(join(FOLDER, 'pebble-challtestsrv'))) return FOLDER;
  console.log('Building Pebble, an ACME server for tests, by Go ...');
  rmSync(join(FOLDER, '..'), { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const { status, error } = spawnSync(
    'go',
    ['install', `github.com/letsencrypt/pebble/v2/cmd/...@${VERSION}`],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      // Where its own installer puts it, which is on the path of people and not of every service.
      env: {
        ...process.env,
        PATH: `${process.env['PATH'] ?? ''}:/usr/local/go/bin`,
        GOBIN: FOLDER,
        GOTOOLCHAIN: 'local',
      },
    },
  );
  if (status === 0) return FOLDER;
  rmSync(FOLDER, { recursive: true, force: true });
  throw new Error(
    `go install failed${error === undefined ? '' : `: ${error.message}`}. The tests of ACME need Go 1.24 or later: apt-get install golang`,
  );
}
