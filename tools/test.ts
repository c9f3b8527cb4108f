/** `npm test`: installs what the tests need, then runs every check and every test there is. */
import { spawnSync } from 'node:child_process';
import { collectorProgram } from './collector.ts';
import { pebbleFolder } from './pebble.ts';
import { pythonEnvironment } from './python-environment.ts';
import { installRequirements } from './requirements.ts';
import { findSyslogNg } from './syslog-ng.ts';

interface Stage {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const STAGES: readonly Stage[] = [
  { name: 'checks', command: ['node', 'tools/check.ts'] },
  { name: 'tests of each room', command: [...nodeTest('--test-isolation=none'), 'src/**/*.test.ts'] },
  {
    // The other way of what src/core/shortcuts.ts switches: tags, heads, and all that stands on the wire.
    name: 'tags and heads by what Node.js documents alone',
    command: [
      ...nodeTest('--test-concurrency=2'),
      ...['src/core/{hmac,key-ring}.test.ts', 'src/controls/csrf/*.test.ts', 'src/node/*.test.ts'],
      'test/hosts/{conformance,wire,early-answers,late-answers,replaced-errors}.test.ts',
    ],
    env: { BULWARK_PLAIN: '1' },
  },
  {
    name: 'tests across rooms',
    command: [
      ...nodeTest('--test-concurrency=2'),
      'test/**/*.test.ts',
      'examples/**/*.test.ts',
      'bench/**/*.test.ts',
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
const failed = STAGES.filter(({ name, command, env }) => {
  console.log(`\n== ${name}`);
  const [program = '', ...args] = command;
  const run = spawnSync(program, args, {
    stdio: 'inherit',
    timeout: LONGEST_STAGE_MINUTES * 60_000,
    env: { ...process.env, ...env },
  });
  if (run.signal !== null)
    console.error(`\n${name}: no end within ${LONGEST_STAGE_MINUTES} minutes, or stopped.`);
  return run.status !== 0;
});
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
console.log('\nAll checks and tests passed.');

function nodeTest(...options: string[]): string[] {
  // Forced: a server that a failed test left running would keep the run from ending, and nobody would see the failure.
  const ending = '--test-force-exit';
  return ['node', '--conditions=bulwark-source', '--test', '--test-reporter=spec', ending, ...options];
}
