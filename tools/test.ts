/** `npm test`: installs what the tests need, then runs every check and every test there is. */
import { spawnSync } from 'node:child_process';
import { installRequirements } from './requirements.ts';

const STAGES: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'checks', command: ['node', 'tools/check.ts'] },
  { name: 'tests of each room', command: [...nodeTest('--test-isolation=none'), 'src/**/*.test.ts'] },
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

installRequirements();
const failed = STAGES.filter(({ name, command }) => {
  console.log(`\n== ${name}`);
  const [program = '', ...args] = command;
  return spawnSync(program, args, { stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
console.log('\nAll checks and tests passed.');

function nodeTest(...options: string[]): string[] {
  return ['node', '--conditions=bulwark-source', '--test', '--test-reporter=spec', ...options];
}
