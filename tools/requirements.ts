/** What the tests need beyond npm: found, or installed where that is possible, or an error that says how to get it. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Requirement {
  /** Any one of these programs will do. */
  readonly programs: readonly string[];
  /** Where it may be besides the path. */
  readonly folders?: string;
  readonly debianPackage: string;
  readonly why: string;
}

/** Where Debian keeps the programs of each version of PostgreSQL: not on the path. */
export const POSTGRES_FOLDERS = '/usr/lib/postgresql/*/bin';

const REQUIREMENTS: readonly Requirement[] = [
  {
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    debianPackage: 'chromium',
    why: 'to drive the pages of the reference application',
  },
  {
    programs: ['firefox-esr', 'firefox'],
    debianPackage: 'firefox-esr',
    why: 'to see that what the pages promise holds in a second browser',
  },
  {
    programs: ['redis-server'],
    debianPackage: 'redis-server',
    why: 'to test the Redis store against real servers',
  },
  {
    programs: ['clamd'],
    folders: '/usr/sbin',
    debianPackage: 'clamav-daemon',
    why: 'to have a real virus scanner look through files, with signatures of the tests alone',
  },
  { programs: ['openssl'], debianPackage: 'openssl', why: 'to make certificates for tests behind TLS' },
  {
    programs: ['initdb'],
    folders: POSTGRES_FOLDERS,
    debianPackage: 'postgresql',
    why: 'to start servers of its own for the tests of bulwark/postgres',
  },
  {
    programs: ['nginx'],
    debianPackage: 'nginx',
    why: 'to attack what stands behind deploy/nginx.conf',
  },
  {
    programs: ['ngx_stream_module.so'],
    folders: '/usr/lib/nginx/modules',
    debianPackage: 'libnginx-mod-stream',
    why: 'to have nginx name clients by the PROXY protocol',
  },
  {
    programs: ['haproxy'],
    folders: '/usr/sbin',
    debianPackage: 'haproxy',
    why: 'to have HAProxy do so, in both versions and over TLS',
  },
  {
    programs: ['ensurepip'],
    folders: '/usr/lib/python3*',
    debianPackage: 'python3-venv',
    why: 'to install the Python applications that stand behind the gateway, in a folder of their own',
  },
  { programs: ['caddy'], debianPackage: 'caddy', why: 'to attack what stands behind deploy/Caddyfile' },
  {
    programs: ['logrotate'],
    folders: '/usr/sbin',
    debianPackage: 'logrotate',
    why: 'to rotate the audit log',
  },
  {
    programs: ['rsyslogd'],
    folders: '/usr/sbin',
    debianPackage: 'rsyslog',
    why: 'to ship the audit log to a real receiver',
  },
  {
    programs: ['lmnsd_gtls.so'],
    folders: '/usr/lib/*/rsyslog',
    debianPackage: 'rsyslog-gnutls',
    why: 'to do so over TLS',
  },
  {
    programs: ['promtool'],
    debianPackage: 'prometheus',
    why: 'to test figures and alert rules by its promtool',
  },
  { programs: ['systemd-analyze'], debianPackage: 'systemd', why: 'to check deploy/strongroom.service' },
];

/** Installs what is missing where it may. Exits with an error that names the packages where it may not. */
export function installRequirements(): void {
  const missing = REQUIREMENTS.filter((one) => !isThere(one));
  if (missing.length === 0) return;
  const packages = missing.map(({ debianPackage }) => debianPackage);
  if (!mayInstall()) {
    for (const { programs, why } of missing) console.error(`Missing: ${programs.join(' or ')}, ${why}.`);
    console.error(
      `On Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}. Elsewhere: any package of these programs.`,
    );
    process.exit(1);
  }
  console.log('What the tests need and this machine has not:');
  for (const { debianPackage, why } of missing) console.log(`  ${debianPackage}, ${why}`);
  console.log('Installing them by apt-get, without starting any of them ...');
  apt('update');
  withoutServices(() => apt('install', '--yes', '--no-install-recommends', ...packages));
}

/** What Debian asks whether a service may be started when its package is installed. */
const POLICY = '/usr/sbin/policy-rc.d';

/** The tests start servers of their own; those of the packages would take ports 80, 5432 and 6379 of this machine. */
function withoutServices(install: () => void): void {
  if (existsSync(POLICY)) return install();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  // Also where apt fails, which ends this process.
  process.once('exit', () => rmSync(POLICY, { force: true }));
  return install();
}

function isThere({ programs, folders = '' }: Requirement): boolean {
  const all = [...(process.env['PATH'] ?? '').split(delimiter), ...globSync(folders)];
  return programs.some((program) => all.some((folder) => existsSync(join(folder, program))));
}

function mayInstall(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false;
  return /^ID(?:_LIKE)?=.*(?:debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
}

function apt(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync('apt-get', ['--quiet', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  if (status !== 0) {
    console.error(
      `apt-get ${args.join(' ')} failed with ${status}: install the packages by hand and run this again.`,
    );
    process.exit(1);
  }
}
