/** docs/manual/past-failures.md: every line has its entry, and every test that an entry names is there. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const MANUAL_DIRECTORY = join(import.meta.dirname, '../../docs/manual');
const LINES = 32;

interface Entry {
  readonly number: number;
  readonly text: string;
}

/** A test that an entry names, as `name` in [file](path). */
interface NamedTest {
  readonly number: number;
  readonly name: string;
  readonly path: string;
}

const entries: readonly Entry[] = readFileSync(join(MANUAL_DIRECTORY, 'past-failures.md'), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ number: Number.parseInt(text, 10), text }));

const named: readonly NamedTest[] = entries.flatMap(({ number, text }) =>
  [...text.matchAll(/`([^`]+)`\s+in\s+\[[^\]]+\]\(([^)]+\.test\.ts)\)/g)].map(([, name = '', path = '']) => ({
    number,
    name,
    path: resolve(MANUAL_DIRECTORY, path),
  })),
);

/** The names of tests in a file, those of pastFailure() written out. */
function testsIn(path: string): string[] {
  const source = readFileSync(path, 'utf8');
  const plain = [...source.matchAll(/\btest\(\s*(['"])(.+?)\1,/g)].map((match) => match[2] ?? '');
  const past = [...source.matchAll(/\bpastFailure(?:<\w+>)?\(\s*(\d+),\s*(['"])(.+?)\2,/g)].map(
    ([, number, , fact]) => `past failure ${number}: ${fact}`,
  );
  return [...plain, ...past];
}

test('each of the 32 lines has one entry, in order', () => {
  const numbers = Array.from({ length: LINES }, (_, index) => index + 1);
  assert.deepEqual(
    entries.map(({ number }) => number),
    numbers,
  );
});

test('each entry names a test that is seen to fail', () => {
  const weak = entries.filter(
    ({ number }) =>
      !named.some((one) => one.number === number && one.name.startsWith(`past failure ${number}: `)),
  );
  assert.deepEqual(
    weak.map(({ number }) => number),
    [],
  );
});

test('every test that an entry names is there', () => {
  const missing = named.filter(({ name, path }) => !existsSync(path) || !testsIn(path).includes(name));
  assert.deepEqual(missing, []);
});

test('every past failure that is tested is in its entry', () => {
  const tested = globSync('*.test.ts', { cwd: import.meta.dirname })
    .flatMap((file) => testsIn(join(import.meta.dirname, file)))
    .filter((name) => name.startsWith('past failure '));
  assert.ok(tested.length >= LINES);
  const known = new Set(named.map(({ name }) => name));
  assert.deepEqual(
    tested.filter((name) => !known.has(name)),
    [],
  );
});

test('what an entry says of a past failure is said of its own', () => {
  const astray = named.filter(
    ({ number, name }) => name.startsWith('past failure ') && !name.startsWith(`past failure ${number}: `),
  );
  assert.deepEqual(astray, []);
});
