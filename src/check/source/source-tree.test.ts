/** What of a tree is kept in memory, and how modules are found in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, withTree } from '../../../test/support/made-tree.ts';
import { SourceTree } from './source-tree.ts';
import { Told } from './told.ts';

test('keeps a few megabytes, and of these what is asked for again', async () => {
  const names = Array.from({ length: 6 }, (_, at) => `f${at}.py`);
  const files = {
    'common.py': 'x = 1\n',
    ...Object.fromEntries(names.map((name) => [name, '#'.repeat(900_000)])),
  };
  await withTree(files, (root) => {
    const limits = { files: 10, fileBytes: 1_000_000, depth: 4 };
    const tree = new SourceTree(root, new Set(Object.keys(files)), limits, new Told());
    const [first, common] = [tree.file('f0.py'), tree.file('common.py')];
    const parsed = tree.python.parsed('common.py');
    for (const name of names) {
      assert.equal(tree.file(name)?.text.length, 900_000);
      assert.equal(tree.file('common.py'), common);
      assert.equal(tree.python.parsed('common.py'), parsed);
    }
    assert.notEqual(tree.file('f0.py'), first);
    return Promise.resolve();
  });
});

test('a module that imports its own name means the one in a folder above', async () => {
  const files = {
    'app/tools.py':
      'from tools import run\nfrom flask import request\n\ndef go():\n    run(request.args["x"])\n',
    'tools.py': 'def run(text):\n    eval(text)\n',
  };
  const said = await findingsIn(files);
  assert.deepEqual(
    said.filter((one) => one.startsWith('python.')),
    ['python.eval tools.py:2'],
  );
});
