/**
 * How an application is deployed, with faults that somebody has put in: images, services, proxies, packages, passwords. What is to
 * be found stands in `key.txt`, a line for a finding: its level, the rule, the file and the line.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allFindings } from '../../src/check/report/report.ts';
import { checkSource } from '../../src/check/source/check-source.ts';
import { SOURCE_RULES } from '../../src/check/source/source-rules.ts';

const ROOT = join(import.meta.dirname, 'deployments');
const KEY = 'key.txt';
const FOLDERS = readdirSync(ROOT);
/** Keys of services are made where they are needed, so that none lies here; reports of known holes age. */
const ELSEWHERE = ['secrets.key', 'secrets.history', 'deps.vulnerable'];

const keyOf = (folder: string): readonly string[] =>
  readFileSync(join(ROOT, folder, KEY), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

for (const folder of FOLDERS) {
  test(`${folder}: what is to be found is found in its place, and nothing else`, async () => {
    const { results, notScanned } = await checkSource(join(ROOT, folder));
    const said = allFindings(results)
      .filter(({ where }) => where.file !== KEY)
      .map(({ rule, level, where }) => `${level} ${rule} ${where.file ?? ''}:${where.line ?? 0}`);
    assert.deepEqual(notScanned, []);
    assert.deepEqual([...new Set(said)].toSorted(), [...keyOf(folder)].toSorted());
  });
}

test('every rule about deployment has a fault in some of them', () => {
  const planted = new Set(FOLDERS.flatMap(keyOf).map((line) => line.split(' ')[1]));
  const unseen = SOURCE_RULES.map(({ id }) => id).filter(
    (id) => /^(?:config|deps|secrets)\./.test(id) && !planted.has(id) && !ELSEWHERE.includes(id),
  );
  assert.deepEqual(unseen, []);
});
