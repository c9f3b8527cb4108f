/** Prints what the rules about applications say of one tree: counts, then each finding at warning or error. */
import { allFindings } from '../../src/check/report/report.ts';
import { checkSource } from '../../src/check/source/check-source.ts';
import { SOURCE_RULES } from '../../src/check/source/source-rules.ts';

const [folder = '.', name = folder] = process.argv.slice(2);
const rules = SOURCE_RULES.filter(({ id }) => /^(?:python|flask|django|jinja|source)\./.test(id));
const { results, counts } = await checkSource(folder, { rules });
console.log(`${name}: ${counts.errors} errors, ${counts.warnings} warnings, ${counts.notes} notes`);
for (const { level, rule, where, message } of allFindings(results)) {
  if (level !== 'note') console.log(`  ${level} ${rule} ${where.file ?? ''}:${where.line ?? 0} ${message}`);
}
