/**
 * `node tools/mutants.ts [name ...]`: what the tests of the rooms that guard doors do not notice. StrykerJS changes one place
 * at a time in a copy of the sources, and runs the tests beside the file. Not part of CI: it takes minutes, and is fetched
 * by npx, so that it is no dependency.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const STRYKER = '@stryker-mutator/core@10.1.1';
const ROOT = join(import.meta.dirname, '..');
const COPIED = ['src', 'test', 'examples', 'docs', 'package.json', 'tsconfig.json'];

interface Target {
  readonly files: readonly string[];
  readonly tests: readonly string[];
}

/** Each guard, with the tests that must notice. */
const TARGETS: Readonly<Record<string, Target>> = {
  csrf: {
    files: ['src/controls/csrf/csrf.ts', 'src/controls/csrf/csrf-token.ts'],
    tests: ['src/controls/csrf/csrf.test.ts', 'src/controls/csrf/csrf-token.test.ts'],
  },
  access: {
    files: ['src/controls/access/access.ts', 'src/controls/access/permissions.ts'],
    tests: ['src/controls/access/access.test.ts', 'src/controls/access/permissions.test.ts'],
  },
  host: {
    files: ['src/controls/firewall/host.ts', 'src/controls/firewall/host-name.ts'],
    tests: [
      'src/controls/firewall/refusals.test.ts',
      'src/controls/firewall/host.test.ts',
      'src/controls/firewall/host-name.test.ts',
    ],
  },
  url: {
    files: [
      'src/controls/firewall/target.ts',
      'src/controls/firewall/url.ts',
      'src/controls/firewall/url-path.ts',
    ],
    tests: [
      'src/controls/firewall/refusals.test.ts',
      'src/controls/firewall/target.test.ts',
      'src/controls/firewall/url.test.ts',
      'src/controls/firewall/url-path.test.ts',
    ],
  },
  framing: {
    files: ['src/controls/firewall/framing.ts'],
    tests: ['src/controls/firewall/refusals.test.ts', 'src/controls/firewall/framing.test.ts'],
  },
  session: {
    files: ['src/controls/sessions/session.ts', 'src/controls/sessions/session-cookie.ts'],
    tests: [
      'src/controls/sessions/session.test.ts',
      'src/controls/sessions/session-guard.test.ts',
      'src/controls/sessions/session-cookie.test.ts',
      'src/controls/sessions/session-tabs.test.ts',
      'src/controls/sessions/session-handle.test.ts',
      'src/layer/order.test.ts',
    ],
  },
  'rate-limit': {
    files: [
      'src/controls/rate-limit/rate-limit.ts',
      'src/controls/rate-limit/route-limit.ts',
      'src/controls/rate-limit/account-name.ts',
    ],
    tests: [
      'src/controls/rate-limit/rate-limit.test.ts',
      'src/controls/rate-limit/route-limit.test.ts',
      'src/controls/rate-limit/shared-limit.test.ts',
      'src/controls/rate-limit/account-name.test.ts',
    ],
  },
  cookies: {
    files: ['src/controls/cookies/cookies.ts', 'src/controls/cookies/set-cookie.ts'],
    tests: ['src/controls/cookies/cookies.test.ts', 'src/controls/cookies/set-cookie.test.ts'],
  },
};

interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number } };
}

interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(TARGETS);
for (const name of names) {
  const target = TARGETS[name];
  if (target === undefined) {
    console.error(`There is no ${name}: ${Object.keys(TARGETS).join(', ')}.`);
    process.exit(2);
  }
  show(name, mutate(target));
}

function mutate({ files, tests }: Target): Report {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-mutants-'));
  try {
    for (const path of COPIED)
      cpSync(join(ROOT, path), join(folder, path), { recursive: true, filter: isSource });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    // What a change costs in time says nothing here: every sample is slower, and by another measure.
    const flags =
      "--conditions=bulwark-source --test --test-isolation=none --test-skip-pattern='in proportion|linear time'";
    const command = `${process.execPath} ${flags} ${tests.join(' ')}`;
    const settings = {
      mutate: files,
      testRunner: 'command',
      commandRunner: { command },
      inPlace: true,
      concurrency: 1,
      timeoutMS: 20_000,
      reporters: ['json'],
      jsonReporter: { fileName: 'mutants.json' },
      disableTypeChecks: false,
      checkers: [],
      plugins: [],
    };
    writeFileSync(join(folder, 'stryker.conf.json'), JSON.stringify(settings));
    const run = spawnSync('npx', ['--yes', '--package', STRYKER, 'stryker', 'run', 'stryker.conf.json'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (run.status !== 0) throw new Error(`Stryker failed:\n${run.stdout}${run.stderr}`);
    return JSON.parse(readFileSync(join(folder, 'mutants.json'), 'utf8')) as Report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function show(name: string, { files }: Report): void {
  const all = Object.values(files).flatMap(({ mutants }) => mutants);
  const noticed = all.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const counted = noticed + all.filter(({ status }) => status === 'Survived').length;
  console.log(`${name}: ${noticed} of ${counted} noticed (${((100 * noticed) / counted).toFixed(1)} %)`);
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const lines = source.split('\n');
    for (const { status, mutatorName, replacement, location } of mutants) {
      if (status !== 'Survived') continue;
      const { line } = location.start;
      console.log(
        `  ${file}:${line} ${mutatorName}: ${lines[line - 1]?.trim()}\n    -> ${replacement ?? ''}`,
      );
    }
  }
}

function isSource(path: string): boolean {
  return !path.includes('node_modules') && !path.endsWith('.sock');
}
