/** What is kept of a module for others: as much as all of it says of what they can name. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findingsIn } from '../../../../test/support/made-tree.ts';
import type { Scope } from './ast.ts';
import { outlinePython, parsePython } from './parse-python.ts';

const APPLICATIONS = join(import.meta.dirname, '../../../../test/check/source');

/** Whatever a file may name of another: what stands in functions is nobody else's. */
function namedIn(scope: Scope): unknown {
  const { kind, name, at, parameters, bases, assignments, imports, scopes } = scope;
  if (kind === 'function') return { kind, name, at, parameters };
  const values = assignments.map(({ target, value, how, at: place }) => ({ target, value, how, place }));
  return { kind, name, at, bases, values, imports, scopes: scopes.map(namedIn) };
}

test('an outline names what the whole module does, in the applications of the tests', () => {
  const files = globSync('*/**/*.py', { cwd: APPLICATIONS });
  assert.ok(files.length > 20);
  for (const file of files) {
    const text = readFileSync(join(APPLICATIONS, file), 'utf8');
    const { unknown, scope } = parsePython(text);
    // Behind a mistake within a function the one goes on in it, and the other behind it.
    if (unknown.length === 0)
      assert.deepEqual(namedIn(outlinePython(text).module.scope), namedIn(scope), file);
  }
});

for (const [what, text] of [
  ['texts over lines that look like others', 'def a():\n    x = """\ndef b():\n"""\n    return x\nc = 1\n'],
  ['brackets over lines that are moved out', 'def a():\n    return [\n1,\n2]\nc = 1\n'],
  ['lines that a backslash joins', 'def a():\n    return 1 + \\\n1\nc = 1\n'],
  ['comments at the left', 'def a():\n    x = 1\n# here\n    return x\nc = 1\n'],
  ['a body on its own line', 'def a(): return 1\nclass B:\n    def c(self): pass\n    d = 1\ne = 2\n'],
  ['quotes in comments and in texts', "def a():\n    # it's\n    return 'a\\'b' + \"'\"\nc = 1\n"],
  [
    'functions in functions, classes in these',
    'def a():\n    def b():\n        class C: pass\n    return b\nd = 1\n',
  ],
  ['the end of a text without the end of a line', 'def a():\n    return 1'],
  [
    'decorators, types and defaults',
    '@b.c(1)\nasync def a(x: int = 1, *y, **z) -> dict:\n    return {}\nd = 1\n',
  ],
  ['a text with values in it', "def a(x):\n    return f\"{x['a']} it's\"\nc = 1\n"],
] as const) {
  test(`an outline passes over ${what}`, () => {
    const { module, read } = outlinePython(text);
    assert.deepEqual(namedIn(module.scope), namedIn(parsePython(text).scope));
    assert.ok(read < text.length);
  });
}

test('what a function of another file does is followed, whoever is looked at meanwhile', async () => {
  const said = await findingsIn({
    'a.py':
      "from flask import Flask, request\nfrom b import run, load\napp = Flask(__name__)\n\n@app.get('/x')\ndef x():\n    run(request.args['y'])\n    return load(request.args['z'])\n",
    'b.py': 'from c import run\n\ndef load(z):\n    return inner(z)\n\ndef inner(z):\n    eval(z)\n',
    'c.py': 'def run(y):\n    exec(y)\n',
  });
  assert.deepEqual(
    said.filter((one) => one.startsWith('python.')),
    ['python.eval b.py:7', 'python.eval c.py:2'],
  );
});
