/** The OpenTelemetry Collector, with what the tests need of it: built by Go from `tools/otel-collector`, whose sources are pinned. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = join(import.meta.dirname, 'otel-collector');
const VERSION = 'v0.165.0';
const FOLDER = join(import.meta.dirname, `.collector/${VERSION}`);

/** The program. Built once: that takes some minutes. */
export function collectorProgram(): string {
  const program = join(FOLDER, 'collector');
  if (existsSync(program)) return program;
  console.log('Building an OpenTelemetry Collector, for the tests of shipping, by Go ...');
  rmSync(join(FOLDER, '..'), { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const { status, error } = spawnSync('go', ['build', '-trimpath', '-o', program, '.'], {
    cwd: SOURCES,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Where its own installer puts it, which is on the path of people and not of every service.
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/local/go/bin`, GOTOOLCHAIN: 'local' },
  });
  if (status === 0) return program;
  rmSync(FOLDER, { recursive: true, force: true });
  throw new Error(
    `go build failed${error === undefined ? '' : `: ${error.message}`}. The tests of shipping need Go 1.25 or later: apt-get install golang`,
  );
}
