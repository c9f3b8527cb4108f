/**
 * Applications with faults that somebody has put into them, and good ones: what is to be found in each stands in its `key.txt`, a line
 * for a finding: the rule, the file and the line. Printed for each rule: how much of that was found, and how much of what was found
 * was there to be found.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allFindings } from '../../../src/check/report/report.ts';
import { checkSource } from '../../../src/check/source/check-source.ts';
import { SOURCE_RULES } from '../../../src/check/source/source-rules.ts';

const FOLDERS = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(import.meta.dirname, entry.name, 'key.txt')))
  .map(({ name }) => name);
/** Of each rule, and of all. */
const AT_LEAST = 0.95;
const KEY = 'key.txt';
/** Rules about applications; those about keys, containers and packages have trees of their own. */
const OURS = /^(?:python|flask|django|jinja|source)\./;

interface Score {
  planted: number;
  found: number;
  wrong: number;
}

const scores = new Map<string, Score>();

function scoreOf(rule: string): Score {
  const known = scores.get(rule);
  if (known !== undefined) return known;
  const score = { planted: 0, found: 0, wrong: 0 };
  scores.set(rule, score);
  return score;
}

/** What is said of an application, as its key is written. */
async function saidOf(folder: string): Promise<readonly string[]> {
  const { results } = await checkSource(join(import.meta.dirname, folder));
  return allFindings(results)
    .filter(({ rule, where }) => OURS.test(rule) && where.file !== KEY)
    .map(({ rule, level, where }) => `${level} ${rule} ${where.file ?? ''}:${where.line ?? 0}`);
}

function keyOf(folder: string): readonly string[] {
  return readFileSync(join(import.meta.dirname, folder, KEY), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

assert.ok(FOLDERS.length > 0);

for (const folder of FOLDERS) {
  test(`${folder}: what is to be found is found in its place, and nothing else`, async () => {
    const said = await saidOf(folder);
    const key = keyOf(folder);
    for (const line of new Set([...key, ...said])) {
      const score = scoreOf(line.split(' ')[1] ?? '');
      if (key.includes(line)) score.planted += 1;
      if (key.includes(line) && said.includes(line)) score.found += 1;
      if (!key.includes(line)) score.wrong += 1;
    }
    assert.deepEqual([...new Set(said)].toSorted(), [...new Set(key)].toSorted());
  });
}

test('of every rule at least 0.95 is found, and 0.95 of what is found is there', (context) => {
  for (const [rule, { planted, found, wrong }] of [...scores].toSorted()) {
    const recall = planted === 0 ? 1 : found / planted;
    const precision = found + wrong === 0 ? 1 : found / (found + wrong);
    context.diagnostic(
      `${rule}: recall ${found} of ${planted} (${recall.toFixed(2)}), precision ${precision.toFixed(2)}`,
    );
    assert.ok(recall >= AT_LEAST && precision >= AT_LEAST, rule);
  }
});

test('every rule about applications has a fault in some application', () => {
  const planted = new Set(FOLDERS.flatMap(keyOf).map((line) => line.split(' ')[1]));
  const unseen = SOURCE_RULES.filter(({ id }) => OURS.test(id) && !planted.has(id)).map(({ id }) => id);
  assert.deepEqual(unseen, []);
});
