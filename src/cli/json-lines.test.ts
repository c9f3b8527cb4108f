/** JSON leaves what a terminal obeys as it is, C1 controls and marks that reorder text among it: commands print none of that. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Written to a file or sent to a receiver, or cleaned as a line of text is. */
const ELSEWHERE: Readonly<Record<string, number>> = {
  'alerts.ts': 1,
  'csp-try.ts': 1,
  'gateway-report.ts': 1,
  'tune.ts': 1,
};

test('every command that prints JSON prints it escaped', () => {
  const folder = new URL('.', import.meta.url);
  const found: Record<string, number> = {};
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const count = readFileSync(new URL(file, folder), 'utf8').split('JSON.stringify(').length - 1;
    if (count > 0) found[file] = count;
  }
  assert.deepEqual(found, ELSEWHERE, 'write escapedJson of audit/safe-json.ts');
});
