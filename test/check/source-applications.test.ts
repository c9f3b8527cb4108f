/** Applications with an answer key: what is wrong is marked in them, and nothing else is found. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allFindings } from '../../src/check/report/report.ts';
import { withTree } from '../support/made-tree.ts';
import { checkSource } from '../../src/check/source/check-source.ts';

const APPLICATIONS = join(import.meta.dirname, 'applications');

/** JSON has no comments to mark it in. */
const NO_LOCK = 'deps.lock package.json';
const MARK = /(?:\/\/|<%#) wrong(?<below> below)?: (?<rules>[a-z. -]+)(?: %>)?/;

interface Application {
  /** Without the marks, which name what a rule looks for. */
  readonly files: Readonly<Record<string, string>>;
  readonly answers: readonly string[];
}

/** `wrong: RULE` stands on the line, `wrong below: RULE RULE` above it. */
function application(name: string): Application {
  const root = join(APPLICATIONS, name);
  const files: Record<string, string> = {};
  const answers: string[] = [];
  for (const file of globSync('**/*', { cwd: root, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    const short = path.slice(root.length + 1);
    const lines = readFileSync(path, 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      const { below, rules } = MARK.exec(line)?.groups ?? {};
      const at = `${short}:${index + (below === undefined ? 1 : 2)}`;
      for (const rule of rules?.trim().split(' ') ?? []) answers.push(`${rule} ${at}`);
    }
    files[short] = lines.map((line) => line.replace(MARK, '')).join('\n');
  }
  return { files, answers: answers.toSorted() };
}

async function worseThanNotes(root: string): Promise<readonly string[]> {
  const { results, notScanned } = await checkSource(root);
  assert.deepEqual(notScanned, []);
  return allFindings(results)
    .filter(({ level }) => level !== 'note')
    .map(({ rule, where }) => `${rule} ${where.file ?? ''}:${where.line ?? 0}`)
    .toSorted();
}

for (const name of ['careless-express', 'careless-fastify']) {
  test(`finds what is wrong with ${name}, each at its line, and nothing else`, async () => {
    const { files, answers } = application(name);
    assert.ok(answers.length >= 15);
    const lockless = `${NO_LOCK}:${(files['package.json'] ?? '').split('"dependencies"')[0]?.split('\n').length ?? 0}`;
    assert.deepEqual(await withTree(files, worseThanNotes), [lockless, ...answers].toSorted());
  });
}

test('finds nothing in an Express application that is set up well', async () => {
  assert.deepEqual(await worseThanNotes(join(APPLICATIONS, 'good-express')), []);
});

test('finds nothing in the reference application', async () => {
  assert.deepEqual(await worseThanNotes(join(import.meta.dirname, '../../examples/strongroom')), []);
});
