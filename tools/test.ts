/** `npm test`: installs what the tests need, then runs every check and every test there is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { collectorProgram } from './collector.ts';
import { pebbleFolder } from './pebble.ts';
import { pythonEnvironment } from './python-environment.ts';
import { installRequirements } from './requirements.ts';
import { findSyslogNg } from './syslog-ng.ts';

interface Stage {
  readonly name: string;
  /** One command, or several that run side by side: what is said by the second and later ones is shown after the first. */
  readonly commands: readonly (readonly string[])[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Where each run of tests writes what it says a second time. */
const SAID = mkdtempSync(join(tmpdir(), 'bulwark-tests-'));
let runs = 0;

const STAGES: readonly Stage[] = [
  { name: 'checks', commands: [['node', 'tools/check.ts']] },
  {
    // One process for hundreds of small files, since a process a file would cost more than they do; two, for two cores.
    name: 'tests of each room',
    commands: [roomTests('1/2'), roomTests('2/2')],
  },
  {
    // The other way of what src/core/shortcuts.ts switches: tags, heads, and all that stands on the wire.
    name: 'tags and heads by what Node.js documents alone',
    commands: [
      [
        ...nodeTest('--test-concurrency=2'),
        ...['src/core/{hmac,key-ring}.test.ts', 'src/controls/csrf/*.test.ts', 'src/node/*.test.ts'],
        'test/hosts/{conformance,wire,early-answers,late-answers,replaced-errors}.test.ts',
      ],
    ],
    env: { BULWARK_PLAIN: '1' },
  },
  {
    name: 'tests across rooms',
    commands: [
      [
        ...nodeTest('--test-concurrency=2'),
        'test/**/*.test.ts',
        'examples/**/*.test.ts',
        'bench/**/*.test.ts',
      ],
    ],
  },
];

/** Several times what the longest stage takes on a slow machine: what is not done by then hangs. */
const LONGEST_STAGE_MINUTES = 40;

installRequirements();
pythonEnvironment();
pythonEnvironment('test/secrets');
pebbleFolder();
findSyslogNg();
collectorProgram();
const failed: string[] = [];
for (const stage of STAGES) {
  console.log(`\n== ${stage.name}`);
  if (!(await holds(stage))) failed.push(stage.name);
}
const failures = failedTests();
rmSync(SAID, { recursive: true });
if (failed.length > 0) {
  // Again, since whoever looks at a log of ten thousand lines looks at its end.
  console.error(failures);
  console.error(`\nFailed: ${failed.join(', ')}.`);
  process.exit(1);
}
console.log('\nAll checks and tests passed.');

async function holds({ name, commands, env }: Stage): Promise<boolean> {
  const runs = commands.map(async ([program = '', ...args], index) => {
    const child = spawn(program, args, {
      stdio: ['ignore', index === 0 ? 'inherit' : 'pipe', 'inherit'],
      timeout: LONGEST_STAGE_MINUTES * 60_000,
      env: { ...process.env, ...env },
    });
    const said = child.stdout === null ? '' : text(child.stdout);
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { code, signal, said: await said };
  });
  let good = true;
  for (const run of runs) {
    const { code, signal, said } = await run;
    process.stdout.write(said);
    if (signal !== null)
      console.error(`\n${name}: no end within ${LONGEST_STAGE_MINUTES} minutes, or stopped.`);
    good &&= code === 0;
  }
  return good;
}

function roomTests(shard: string): string[] {
  return [...nodeTest('--test-isolation=none', `--test-shard=${shard}`), 'src/**/*.test.ts'];
}

function nodeTest(...options: string[]): string[] {
  // Forced: a server that a failed test left running would keep the run from ending, and nobody would see the failure.
  const ending = '--test-force-exit';
  return ['node', '--conditions=bulwark-source', '--test', ending, ...reporters(), ...options];
}

function reporters(): string[] {
  runs += 1;
  const places = ['stdout', join(SAID, `${runs}.txt`)];
  return places.flatMap((place) => ['--test-reporter=spec', `--test-reporter-destination=${place}`]);
}

/** What the reporter of Node.js says last in each run: the tests that failed, with their places and errors. */
function failedTests(): string {
  // One that was stopped may have written none.
  const said = globSync(join(SAID, '*.txt')).map((file) => readFileSync(file, 'utf8'));
  return said.map((run) => /^\S* failing tests:[^]*/mu.exec(run)?.[0] ?? '').join('');
}
