/** `npm run docs [asvs-5.0.json]`: writes the generated documents. `npm test` compares them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readStandard, readStandardFromPage, type Requirement } from './asvs.ts';
import { generateDocuments } from './documents.ts';

const ROOT = join(import.meta.dirname, '..');
const STANDARD = process.argv[2] ?? join(ROOT, '../shared/standards/asvs-5.0.json');

for (const { path, text } of generateDocuments(findStandard())) {
  const file = join(ROOT, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${path}`);
}

function findStandard(): readonly Requirement[] {
  if (existsSync(STANDARD)) return readStandard(readFileSync(STANDARD, 'utf8'));
  console.log(`${STANDARD} is not there: taking the list of requirements from docs/asvs.md as it is.`);
  return readStandardFromPage(readFileSync(join(ROOT, 'docs/asvs.md'), 'utf8'));
}
