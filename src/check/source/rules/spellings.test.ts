/** One fault, however it is spelt: what hides it from a reader of words must not hide it from the check. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, withTree } from '../../../../test/support/made-tree.ts';
import { checkSource } from '../check-source.ts';

/** The rules that say something, of one family. */
async function rulesOf(text: string, family: string): Promise<readonly string[]> {
  const found = await findingsIn({ 'app.py': text });
  return found.map((one) => one.split(' ')[0] ?? '').filter((one) => one.startsWith(family));
}

const handler = (head: string, line: string): string =>
  `${head}\nfrom flask import Flask, request\napp = Flask(__name__)\n@app.get('/x')\ndef x():\n    n = request.args['n']\n    ${line}\n`;

for (const [what, head, line] of [
  ['another name by assignment', 'import os\nsy = os.system', 'sy(n)'],
  ['another name by import', 'from os import system as s', 's(n)'],
  ['getattr of a constant', 'import os', "getattr(os, 'system')(n)"],
  ['an import that is called', '', "__import__('os').system(n)"],
  ['an argument by name', 'import os', 'os.system(command=n)'],
  ['a list that is spread', 'import os', 'os.system(*[n])'],
  ['a name in wide letters', 'import os', 'os.\uff53ystem(n)'],
  ['a raw text with values', 'import os', "os.system(rf'del C:\\{n}')"],
  ['a backslash before a value', 'import os', "os.system(f'del C:\\{n}')"],
] as const) {
  test(`sees a command by ${what}`, async () => {
    assert.deepEqual(await rulesOf(handler(head, line), 'python.command'), ['python.command']);
  });
}

test('sees eval by another name and as one of builtins', async () => {
  for (const [head, line] of [
    ['ev = eval', 'ev(n)'],
    ['import builtins', 'builtins.eval(n)'],
    ['import builtins', "getattr(builtins, 'eval')(n)"],
  ] as const)
    assert.deepEqual(await rulesOf(handler(head, line), 'python.eval'), ['python.eval'], line);
  assert.deepEqual(await rulesOf(handler('ev = len', 'ev(n)'), 'python.eval'), []);
});

for (const [rule, head, line] of [
  ['python.path', '', 'open(file=n)'],
  ['python.path', 'import codecs', "codecs.open(filename='x/' + n)"],
  ['python.path', 'import os', "os.remove(path='x/' + n)"],
  ['python.path', 'import os', "os.makedirs(name='x/' + n)"],
  ['python.path', 'import shutil', "shutil.copy(src='x/' + n, dst='y')"],
  ['python.markup', 'from markupsafe import Markup', 'Markup(object=n)'],
  ['python.template-string', 'from jinja2 import Template', 'Template(source=n)'],
  ['python.deserialize', 'import jsonpickle', 'jsonpickle.decode(string=n)'],
  ['python.xml', 'import xml.etree.ElementTree as ET', 'ET.fromstring(text=n)'],
  ['python.eval', 'import importlib', 'importlib.import_module(name=n)'],
] as const) {
  test(`sees ${rule} by an argument's name: ${line}`, async () => {
    assert.deepEqual(await rulesOf(handler(head, line), rule), [rule]);
  });
}

test('looks for a name in everything that a file takes all of', async () => {
  const stars = (first: string, second: string): string =>
    `from ${first} import *\nfrom ${second} import *\napp = Flask(__name__)\n@app.get('/x')\ndef x():\n    system(request.args['n'])\n`;
  for (const text of [stars('os', 'flask'), stars('flask', 'os')])
    assert.deepEqual(await rulesOf(text, 'python.command'), ['python.command'], text);
  assert.deepEqual(await rulesOf(stars('time', 'flask'), 'python.command'), []);
});

for (const [rule, text] of [
  ['python.jwt', "from jwt import decode\ndecode(t, options={'verify_signature': False})"],
  ['python.weak-random', 'import random as r\ntoken = r.randint(1, 9)'],
  ['python.weak-random', 'from  random import randint\ntoken = randint(1, 9)'],
  ['python.tls-verify', 'import requests\nrequests.get(u, verify =  False)'],
  ['python.tls-verify', 'import requests\nrequests.get(u, verify=\\\n  False)'],
  ['python.tls-verify', "import requests\nrequests.get(u, **{'verify': False})"],
  ['python.yaml', 'import yaml as y\ny.load(t, Loader=y.UnsafeLoader)'],
  ['flask.debug', 'from flask import Flask\napp = Flask(__name__)\napp.run(debug=(True))'],
  ['flask.debug', 'from flask import Flask\napp = Flask(__name__)\napp.run(debug = 1)'],
] as const) {
  test(`reads a file for ${rule} however it is spelt: ${text.split('\n').at(-1) ?? ''}`, async () => {
    assert.deepEqual(await rulesOf(`${text}\n`, rule), [rule]);
  });
}

test('says of a file in an encoding that it does not know that it was not read', async () => {
  const told = (coding: string): Promise<number> =>
    withTree({ 'app.py': `# -*- coding: ${coding} -*-\nx = 1\n` }, async (root) => {
      const { results } = await checkSource(root);
      return JSON.stringify(results).split('in an encoding that is not read').length - 1;
    });
  for (const coding of ['utf-7', 'raw_unicode_escape', 'cp037']) assert.ok((await told(coding)) > 0, coding);
  for (const coding of ['utf-8', 'utf8', 'latin-1', 'ascii', 'cp1251', 'gbk'])
    assert.equal(await told(coding), 0, coding);
});
