/** What is said to be written is code: it parses, as what it says it is. That of Bulwark is compiled with the documents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mend, RuleFacts } from '../../core/rule.ts';
import { RULES } from '../rules.ts';
import { parseJavaScript } from '../source/javascript/parse-javascript.ts';
import { parsePython } from '../source/python/parse-python.ts';
import { readNginx } from '../source/config/nginx.ts';
import { SourceFile } from '../source/source-file.ts';
import { SOURCE_RULES } from '../source/source-rules.ts';
import { mendOf, MENDS } from './mend.ts';

const ALL: readonly RuleFacts[] = [...RULES, ...SOURCE_RULES];
/** What is said depends on the file alone. */
const BY_FILE_ALONE = ['source.scanned'];

/** The code of one kind, each once. */
function written(host: keyof Mend): ReadonlySet<string> {
  return new Set(ALL.flatMap((rule) => mendOf(rule)[host] ?? []).filter((code) => code !== ''));
}

test('every rule says how it is mended, but for those whose findings alone can', () => {
  const silent = ALL.filter((rule) => Object.keys(mendOf(rule)).length === 0).map(({ id }) => id);
  assert.deepEqual(silent, BY_FILE_ALONE);
});

test('a key stands in one table, and some rule takes it', () => {
  const keys = MENDS.flatMap((table) => Object.keys(table));
  assert.deepEqual(keys.toSorted(), [...new Set(keys)].toSorted());
  const taken = new Set(ALL.map((rule) => mendOf(rule)));
  for (const table of MENDS) {
    for (const [key, mend] of Object.entries(table)) assert.ok(taken.has(mend), key);
  }
});

test('code of Flask and Express parses, and blocks of nginx end', () => {
  for (const code of written('flask')) {
    // Lines of templates are no Python.
    if (/^[<#{]/m.test(code) && !code.includes('(')) continue;
    assert.deepEqual(parsePython(code.replaceAll(/^<.*$/gm, '')).unknown, [], code);
  }
  for (const code of written('express')) {
    if (code.startsWith('<')) continue;
    const parsed = parseJavaScript('a.js', code);
    assert.ok('broken' in parsed && parsed.broken === undefined, code);
  }
  for (const code of written('nginx')) {
    const parsed = readNginx(new SourceFile('nginx.conf', `server {\n${code}\n}\n`));
    assert.equal(typeof parsed, 'object', code);
    // Each directive has its end.
    assert.doesNotMatch(code.replaceAll(/#.*$/gm, ''), /[^;{}\s]\s*$/, code);
  }
});

test('a rule of somebody else says it itself', () => {
  const own: Mend = { shell: 'mend it' };
  assert.equal(mendOf({ id: 'theirs.rule', cwe: ['CWE-79'], mend: own }), own);
  assert.deepEqual(mendOf({ id: 'theirs.rule', cwe: [] }), {});
});
