import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fault, type Fault, type RuleFacts } from '../core/rule.ts';
import { type Finding, findingsOf, placeText } from './finding.ts';
import { RULES } from './rules.ts';
import { SECTIONS } from './sections.ts';
import { weaknessName } from './weaknesses.ts';

const RULE: RuleFacts = {
  id: 'a.rule',
  title: 'nothing is wrong',
  level: 'error',
  guide: 1,
  asvs: [],
  cwe: ['CWE-89'],
  needs: 'source',
};

function found(...faults: readonly Fault[]): readonly Finding[] {
  return findingsOf(RULE, faults, new Set(['s3cr3t-value']));
}

function printOf(one: Fault): string | undefined {
  return found(one)[0]?.fingerprint;
}

const inFile = (line: number, mark: string, file = 'app.py'): Fault =>
  fault('error', `on line ${line}`, 'x', 'y', { where: { file, line, column: 1 }, mark });

test('a finding is known again on another line, indented otherwise, or on another host, and no other one is', () => {
  const base = printOf(inFile(3, 'db.execute(q)'));
  assert.equal(printOf(inFile(90, '  db.execute(q) ')), base);
  assert.notEqual(printOf(inFile(3, 'db.execute(r)')), base);
  assert.notEqual(printOf(inFile(3, 'db.execute(q)', 'b.py')), base);
  const at = (url: string): string | undefined =>
    printOf(fault('error', 'after 12 requests', `GET ${url} answered 200`, 'y'));
  assert.equal(at('https://a.example/x?one=1'), at('http://localhost:3000/x'));
  assert.notEqual(at('https://a.example/x'), at('https://a.example/y'));
});

test('the same fault twice in one file is two findings', () => {
  const prints = found(inFile(3, 'eval(x)'), inFile(9, 'eval(x)')).map(({ fingerprint }) => fingerprint);
  assert.equal(new Set(prints).size, 2);
});

test('a place is taken from the request that the evidence begins with, else from the target', () => {
  const [seen, told] = findingsOf(
    RULE,
    [
      fault('error', 'm', 'POST https://a.example/login answered 200', 'f'),
      fault('error', 'm', 'nothing', 'f'),
    ],
    new Set(),
    'https://a.example/',
  );
  assert.deepEqual(seen?.where, { method: 'POST', url: 'https://a.example/login' });
  assert.deepEqual(told?.where, { method: 'GET', url: 'https://a.example/' });
  assert.equal(placeText({ file: 'a.py', line: 2, column: 5 }), 'a.py:2:5');
});

test('no part of a finding holds a control, a turn of direction, or what opens a session', () => {
  const evil = 'a\u001b]0;x\u0007\u202eb\u200b\nc s3cr3t-value \ud800';
  const [finding] = found({
    ...fault('error', evil, evil, evil, { where: { file: evil, url: evil, method: evil } }),
    flow: [{ message: evil, file: evil }],
  });
  const text = JSON.stringify(finding);
  assert.doesNotMatch(text, /\\u|s3cr3t|\u202e|\u200b|\\n/);
  assert.match(text, /a \]0;x/);
});

test('every weakness that a rule names has a name and a sentence, and every rule says why', () => {
  for (const { id, cwe, why } of RULES) {
    for (const one of cwe) assert.notEqual(weaknessName(one), one, id);
    assert.ok(cwe.length > 0 || why !== undefined, `${id} says why, or names a weakness`);
  }
});

test('sections are those of the go-live checklist', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/manual/go-live.md'), 'utf8');
  const titles = [...text.matchAll(/^## (\d+)\. (.+)$/gm)].map(([, number, title]) => [
    Number(number),
    title,
  ]);
  assert.deepEqual([...SECTIONS], titles);
});
