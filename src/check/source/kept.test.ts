/** What is kept of a file until the end of a run: counted, and nothing that grows with what stands in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryObjects } from 'node:v8';
import { saidOf, withTree } from '../../../test/support/made-tree.ts';
import { checkSource } from './check-source.ts';
import { JavaScriptFile } from './javascript/javascript-file.ts';
import { PythonFile } from './python/python-file.ts';

const FILES = 80;
/** Of each file, as much as nobody needs to keep. */
const PADDING = `# ${'words that nobody looks for '.repeat(5)}\n`.repeat(240);

/** A handler whose value goes to another file, with names long enough to be views of the text that they stand in. */
const python = (at: number): string =>
  `from flask import Blueprint, request\nfrom helpers_of_all_pages import open_named_picture_${at % 4}\n\npages_of_this_part = Blueprint('p${at}', __name__)\n\n\n@pages_of_this_part.get('/pictures/of/this/part/${at}')\ndef show_the_picture_that_was_named():\n    return open_named_picture_${at % 4}(request.args.get('name_of_the_picture', ''))\n\n\ndef nobody_calls_this(name_of_the_picture):\n    return open(name_of_the_picture)\n${PADDING}`;
const helpers = Array.from(
  { length: 4 },
  (_, at) => `def open_named_picture_${at}(name_of_the_picture):\n    return open(name_of_the_picture)\n`,
).join('\n\n');
const javascript = (at: number): string =>
  `import express from 'express';\nimport { readFileSync } from 'node:fs';\nconst nobodyCallsThis = (nameOfThePicture) => readFileSync(nameOfThePicture);\nimport { openNamedPicture } from './helpers.mjs';\nexport const pages = express.Router();\npages.get('/pictures/${at}', (request, response) => response.send(openNamedPicture(request.query.nameOfThePicture)));\n${PADDING.replaceAll('#', '//')}`;

test('of a file that was looked at, neither text nor tree is kept, and what is said of it at the end has its line', async () => {
  const tree: Record<string, string> = {
    'helpers_of_all_pages.py': helpers,
    'helpers.mjs':
      "import { readFileSync } from 'node:fs';\nexport const openNamedPicture = (nameOfThePicture) => readFileSync(nameOfThePicture);\n",
  };
  for (let at = 0; at < FILES; at += 1) {
    tree[`part${at}/pages.py`] = python(at);
    tree[`part${at}/pages.mjs`] = javascript(at).replace('./helpers', '../helpers');
  }
  await withTree(tree, async (root) => {
    const counts: { python: number; javascript: number; heap: number }[] = [];
    const report = await checkSource(root, {
      onFile(done, all) {
        if (done !== Math.floor(all / 2) && done !== all) return;
        // It collects garbage before it counts.
        const python = queryObjects(PythonFile, { format: 'count' });
        const javascript = queryObjects(JavaScriptFile, { format: 'count' });
        counts.push({ python, javascript, heap: process.memoryUsage().heapUsed });
      },
    });
    const [half, whole] = counts;
    assert.ok(half !== undefined && whole !== undefined);
    // As many in the middle as at the end: the one at hand, the one before it, and the module that all of them import.
    assert.ok(whole.python <= half.python + 1, `${half.python}, then ${whole.python} files of Python`);
    assert.ok(
      whole.javascript <= half.javascript + 1,
      `${half.javascript}, then ${whole.javascript} of JavaScript`,
    );
    // Seven times as much stands in each.
    const grown = (whole.heap - half.heap) / FILES;
    assert.ok(grown < 5000, `${Math.round(grown)} bytes of each file`);
    const said = saidOf(report).filter((one) => /path/.test(one));
    assert.deepEqual(
      [...new Set(said)],
      [
        'javascript.path helpers.mjs:2',
        'python.path helpers_of_all_pages.py:2',
        'python.path helpers_of_all_pages.py:6',
        'python.path helpers_of_all_pages.py:10',
        'python.path helpers_of_all_pages.py:14',
      ].toSorted(),
    );
  });
});
