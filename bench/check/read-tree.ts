/** Reads one tree with every rule about Python, in a process of its own, and says how much Python that was. */
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkSource } from '../../src/check/source/check-source.ts';
import { SOURCE_RULES } from '../../src/check/source/source-rules.ts';

const [folder = '.'] = process.argv.slice(2);
const report = await checkSource(folder, {
  rules: SOURCE_RULES.filter(({ id }) => /^(?:python|flask|django)\./.test(id)),
});
const python = globSync('**/*.py', { cwd: folder });
console.log(
  JSON.stringify({
    files: python.length,
    python: python.reduce((sum, path) => sum + statSync(join(folder, path)).size, 0),
    findings: report.counts.fellShort,
  }),
);
