/** Prints what the rules say of one tree that somebody published: counts, then each finding at warning or error. */
import { allFindings } from '../../src/check/report/report.ts';
import { checkSource } from '../../src/check/source/check-source.ts';
import { SOURCE_RULES } from '../../src/check/source/source-rules.ts';

const [folder = '.', name = folder] = process.argv.slice(2);
// A package is published without its lock, and what of it was not scanned is no finding.
const rules = SOURCE_RULES.filter(({ id }) => !/^(?:deps\.|source\.scanned$)/.test(id));
const { results, counts } = await checkSource(folder, { rules });
console.log(`${name}: ${counts.errors} errors, ${counts.warnings} warnings, ${counts.notes} notes`);
for (const { level, rule, where, message } of allFindings(results)) {
  if (level !== 'note') console.log(`  ${level} ${rule} ${where.file ?? ''}:${where.line ?? 0} ${message}`);
}
