import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  amount,
  anyText,
  call,
  callback,
  checkParts,
  either,
  fields,
  type Fit,
  flag,
  made,
  maybe,
  name,
  texts,
  word,
} from './call.ts';
import { Problems } from './problems.ts';

interface Person {
  readonly name: string;
  readonly roles?: readonly string[];
}

const person = fields<Person>({ name, roles: maybe(texts) });

test('each kind takes what it is and nothing that looks like it', () => {
  const kinds: readonly (readonly [Fit, readonly unknown[], readonly unknown[]])[] = [
    [name, ['a'], ['', 7, null, undefined, new String('a'), ['a']]],
    [anyText, ['', 'a'], [7, null, undefined]],
    [texts, [[], ['a']], ['a', [7], [undefined], { 0: 'a', length: 1 }, new Set(['a'])]],
    [flag, [true, false], [0, 1, 'true', undefined]],
    [amount, [0, -1.5], ['1', Number.NaN, Infinity, 1n]],
    [callback, [() => 1], [{}, 'f', undefined]],
    [maybe(name), [undefined, 'a'], [null, '', 7]],
    [word('a', 'b'), ['a'], ['c', 'ab', ['a'], undefined]],
    [either('a or b', name, flag), ['a', true], [7, '']],
    [made('a thing', { run: callback }), [{ run: () => 1, more: 1 }], [{}, { run: 1 }, null, 'run']],
    [person, [{ name: 'a' }, { name: 'a', roles: undefined }], [{}, [], null, 'a', { name: 'a', role: [] }]],
  ];
  for (const [at, [fit, good, bad]] of kinds.entries()) {
    for (const value of good) assert.equal(fit(value), undefined, `kind ${at}`);
    for (const value of bad) assert.ok(fit(value) !== undefined, `kind ${at}: ${String(value)}`);
  }
});

test('says which call, where in what it was handed, why, and what to write, and never what was there', () => {
  const check = call("await people.add(visit, { name: 'Ann' })", { visit: callback, who: person });
  const visit = (): void => undefined;
  check(visit, { name: 'Ann', roles: [] });
  const refused = (who: unknown, message: string): void => {
    const code = 'ERR_BULWARK_INVALID_ARGUMENT';
    assert.throws(() => check(visit, who), {
      code,
      message: `people.add: ${message}. Write await people.add(visit, { name: 'Ann' })`,
    });
  };
  refused({ name: 'Ann', roles: 'hunter2' }, 'who.roles: it must be a list of texts');
  refused({ name: 'Ann', role: ['hunter2'] }, 'who.role: nothing of this name is read: did you mean roles?');
  refused({ name: 'Ann', hunter2: 1 }, 'who.hunter2: nothing of this name is read: known here: name, roles');
  refused({ name: 17 }, 'who.name: it is a number, and must be a text: write String(...) around it');
  refused({ name: 17n }, 'who.name: it is a number, and must be a text: write String(...) around it');
  refused({ name: '' }, 'who.name: it must be a text that is not empty');
  refused(Promise.reject(new Error('hunter2')), 'who: it is a promise, which has to be awaited');
  assert.throws(() => check(undefined, { name: 'Ann' }), /people\.add: visit: it must be a function/);
});

test('what is handed in at the start is told whole, beside the other problems', () => {
  const problems = new Problems('production');
  checkParts<Person>(
    'people',
    { name, roles: maybe(texts) },
    { nme: 'Ann', roles: 'a' },
    'people()',
    problems,
  );
  assert.deepEqual(
    problems.errors.map(({ code, option }) => [code, option]),
    [
      ['ERR_BULWARK_UNKNOWN_OPTION', 'people.nme'],
      ['ERR_BULWARK_INVALID_OPTION', 'people.name'],
      ['ERR_BULWARK_INVALID_OPTION', 'people.roles'],
    ],
  );
});
