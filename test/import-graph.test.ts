import assert from 'node:assert/strict';
import { test } from 'node:test';
import { affectedBy, importedBy } from '../tools/import-graph.ts';

const TREE = new Map([
  ['src/core/a.ts', 'export const a = 1;'],
  ['src/core/b.ts', "import { a } from './a.ts';\nimport { c } from '../c.ts';"],
  ['src/c.ts', "export type { B } from './core/b.ts';"],
  ['src/later.ts', "const { a } = await import('./core/a.ts');"],
  ['examples/one.ts', "import {\n  a,\n} from 'house/a';\nimport fs from 'node:fs';"],
  ['src/alone.ts', "export const from = 'nowhere';"],
  ['src/effect.ts', "import './alone.ts';"],
]);
const IMPORTERS = importedBy(TREE, new Map([['house/a', 'src/core/a.ts']]));

function affected(...changed: readonly string[]): readonly string[] {
  return [...affectedBy(changed, IMPORTERS)].toSorted();
}

test('a change concerns all that import the file, over others, in rings, later, and by the name of the package', () => {
  assert.deepEqual(affected('src/core/a.ts'), [
    'examples/one.ts',
    'src/c.ts',
    'src/core/a.ts',
    'src/core/b.ts',
    'src/later.ts',
  ]);
  assert.deepEqual(affected('src/c.ts'), ['src/c.ts', 'src/core/b.ts']);
  assert.deepEqual(affected('src/alone.ts'), ['src/alone.ts', 'src/effect.ts']);
});

test('a file that is gone concerns those that imported it', () => {
  assert.deepEqual(affected('src/gone.ts'), ['src/gone.ts']);
  const importers = importedBy(new Map([['a.ts', "import './gone.ts';"]]), new Map());
  assert.deepEqual([...affectedBy(['gone.ts'], importers)], ['gone.ts', 'a.ts']);
});
