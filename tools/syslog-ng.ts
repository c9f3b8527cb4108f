/** syslog-ng beside rsyslog: Debian lets a machine have one of them, so the other's packages are unpacked in a folder. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const FOLDER = join(import.meta.dirname, '.syslog-ng');

/** How it is started. */
export interface SyslogNg {
  readonly program: string;
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** `3.38`: what a configuration begins with. */
  readonly version: string;
}

/** Finds it, or unpacks it. Undefined: this machine has no apt to have it from. */
export function findSyslogNg(): SyslogNg | undefined {
  const program = join(FOLDER, 'root/usr/sbin/syslog-ng');
  if (!existsSync(program) && !unpack()) return undefined;
  const [modules = ''] = globSync('root/usr/lib/**/syslog-ng/[0-9]*', { cwd: FOLDER });
  const libraries = globSync(['root/usr/lib/syslog-ng', 'root/usr/lib/*-linux-gnu', 'root/lib/*-linux-gnu'], {
    cwd: FOLDER,
  }).map((folder) => join(FOLDER, folder));
  return {
    program,
    options: [`--module-path=${join(FOLDER, modules)}`],
    env: { LD_LIBRARY_PATH: libraries.join(delimiter) },
    version: modules.replace(/^.*\//, ''),
  };
}

function unpack(): boolean {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return false;
  console.log('Unpacking syslog-ng, for the tests of shipping ...');
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(join(FOLDER, 'packages/partial'), { recursive: true });
  const archives = `Dir::Cache::archives=${join(FOLDER, 'packages')}/`;
  const wanted = [
    'install',
    '--yes',
    '--no-install-recommends',
    '--download-only',
    '-o',
    archives,
    'syslog-ng-core',
  ];
  spawnSync('apt-get', ['--quiet', ...wanted], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (const file of globSync('packages/*.deb', { cwd: FOLDER }))
    spawnSync('dpkg', ['--extract', join(FOLDER, file), join(FOLDER, 'root')]);
  return existsSync(join(FOLDER, 'root/usr/sbin/syslog-ng'));
}
