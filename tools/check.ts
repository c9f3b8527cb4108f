/** `npm run check`: everything that reads the code without running the application. Seconds. */
import { runSteps } from './run-steps.ts';

const NODE_TEST = [
  'node',
  '--conditions=bulwark-source',
  '--test',
  '--test-isolation=none',
  '--test-reporter=dot',
];

/** What earlier runs found out, of files that have not changed since. */
const CACHE = 'node_modules/.cache';

/** The compiler and the linter are programs in Go: letting garbage lie longer takes a third of their CPU away. */
const IN_GO = { GOGC: '400' };

// Longest first, so that none begins when the others are done.
const passed = await runSteps(
  [
    { name: 'lint, with types', command: ['node', 'tools/lint.ts'], env: IN_GO },
    {
      name: 'package builds, and others can import it',
      command: ['node', 'tools/check-package.ts'],
      env: IN_GO,
    },
    {
      name: 'imports point down, documents match the code',
      command: [...NODE_TEST, 'test/architecture.test.ts', 'test/documents.test.ts'],
      env: IN_GO,
    },
    {
      // More checkers than one look at the same library types each for themselves, on cores that other steps need.
      name: 'types',
      command: [
        ...['tsc', '--pretty', '--checkers', '1'],
        ...['--incremental', '--tsBuildInfoFile', `${CACHE}/tsc/types.tsbuildinfo`],
      ],
      env: IN_GO,
    },
    { name: 'nothing unused', command: ['knip', '--cache'] },
    { name: 'format', command: ['oxfmt', '--check', '.'] },
  ],
  2,
);
process.exitCode = passed ? 0 : 1;
