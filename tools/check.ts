/** `npm run check`: everything that reads the code without running the application. Seconds. */
import { runSteps } from './run-steps.ts';

const NODE_TEST = [
  'node',
  '--conditions=bulwark-source',
  '--test',
  '--test-isolation=none',
  '--test-reporter=dot',
];

const read = await runSteps(
  [
    { name: 'types', command: ['tsc', '--pretty'] },
    { name: 'lint, with types', command: ['oxlint', '--deny-warnings'] },
    { name: 'format', command: ['oxfmt', '--check', '.'] },
    {
      name: 'imports point down, documents match the code',
      command: [...NODE_TEST, 'test/architecture.test.ts', 'test/documents.test.ts'],
    },
    { name: 'nothing unused', command: ['knip'] },
  ],
  2,
);
// Alone: it builds the folder anew in which the documents of the package were looked for.
const built = await runSteps(
  [{ name: 'package builds, and others can import it', command: ['node', 'tools/check-package.ts'] }],
  1,
);
process.exitCode = read && built ? 0 : 1;
