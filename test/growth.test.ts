/** What CONTRIBUTING promises: a control, an event, a command, a rule, an account page, a host or a store changes two files at most, a record kind six. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { HOST } from './growth/host.ts';
import { type Change, COMMAND, CONTROL, EVENT, PAGE, RULE } from './growth/made-up.ts';
import { RECORD } from './growth/record.ts';
import { STORE } from './growth/store.ts';

const ROOT = join(import.meta.dirname, '..');
const CHANGES: Readonly<Record<string, Change>> = {
  'a control': CONTROL,
  'an event': EVENT,
  'a command': COMMAND,
  'a rule of the checker': RULE,
  'an account page': PAGE,
  'a host': HOST,
  'a store': STORE,
  'a kind of record, in every store': RECORD,
};
const MOST = 2;
/** One for the port, the list of migrations, each of three engines, and the suite. */
const MOST_OF: Readonly<Record<string, number>> = { 'a kind of record, in every store': 6 };

/** Made of the tree by the changes above. What is generated from the code is made by `npm run docs`, and counts for nothing. */
let copy = '';

before(() => {
  copy = mkdtempSync(join(tmpdir(), 'bulwark-growth-'));
  for (const part of [
    'src',
    'test',
    'tools',
    'docs',
    'package.json',
    'package-lock.json',
    'tsconfig.build.json',
    'tsconfig.json',
  ])
    cpSync(join(ROOT, part), join(copy, part), {
      recursive: true,
      filter: (path) => !/\.documents|\.venv|node_modules/.test(path),
    });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const change of Object.values(CHANGES)) apply(change);
});
after(() => rmSync(copy, { recursive: true, force: true }));

for (const [what, { files, lines }] of Object.entries(CHANGES)) {
  const most = MOST_OF[what] ?? MOST;
  test(`${what} costs at most ${most} files that are there, and new ones of its own`, () => {
    assert.ok(Object.keys(lines).length <= most, Object.keys(lines).join(', '));
    assert.deepEqual(
      Object.keys(files).filter((file) => isThere(file)),
      [],
    );
  });
}

test('with all of them the tree compiles', () => {
  const include = ['src', 'tools', 'test/support', 'test/check', 'test/growth/ask.ts'];
  // It starts the reference application, which is not in the copy.
  const exclude = ['test/check/demo.test.ts'];
  const config = { extends: './tsconfig.json', include, exclude };
  writeFileSync(join(copy, 'tsconfig.grown.json'), JSON.stringify(config));
  run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.grown.json']);
});

test('with all of them the tests of what is collected hold as they are', () => {
  const files = [
    'src/controls/hours/hours.test.ts',
    'src/policy/controls.test.ts',
    'src/layer/order.test.ts',
    'src/layer/modes.test.ts',
    'test/architecture.test.ts',
  ];
  run(process.execPath, ['--conditions=bulwark-source', '--test', '--test-isolation=none', ...files]);
});

test('the control holds: it is read, refuses, is counted and logged, dresses answers, and stands in the documents', () => {
  const seen = JSON.parse(
    run(process.execPath, ['--conditions=bulwark-source', 'test/growth/ask.ts']),
  ) as unknown;
  assert.deepEqual(seen, {
    open: { status: 200, isMarked: true },
    closed: { status: 503, type: 'urn:bulwark:problem:closed-now', isMarked: true },
    counted: { refused: 1, observed: 0 },
    logged: ['hours_turned_away hours'],
    misspelt: 'did you mean hours.closed?',
    rules: ['headers.made-up', 'hours.marked'],
    documents: [
      'docs/manual/defaults.md',
      'docs/events.md',
      'docs/problems.md',
      'docs/manual/checks.md',
      'docs/checks/hours.marked.md',
    ],
    command: 'Good day.\n',
    page: { asksWho: 401, isListed: true },
  });
});

test('the host passes the conformance of hosts', () => {
  run(process.execPath, ['--conditions=bulwark-source', '--test', 'src/adapters/tiny.test.ts']);
});

test('the store passes the conformance of stores', () => {
  run(process.execPath, ['--conditions=bulwark-source', '--test', 'src/stores/files/files.test.ts']);
});

test('the record is kept by memory, SQLite and PostgreSQL alike, and databases of before get its table', () => {
  const files = ['memory/memory', 'sqlite/sqlite', 'postgres/accounts', 'sql/migrations'];
  const paths = files.map((file) => `src/stores/${file}.test.ts`);
  const report = run(process.execPath, [
    '--conditions=bulwark-source',
    '--test',
    '--test-reporter=tap',
    ...paths,
  ]);
  for (const fact of ['keeps a consent once, of accounts that are there', 'consents go with their account'])
    assert.equal(report.match(new RegExp(`^ *ok \\d+ - ${fact}$`, 'gm'))?.length, 3, fact);
});

function apply({ files, lines }: Change): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), text.trimStart());
  }
  for (const [file, added] of Object.entries(lines)) {
    let text = readFileSync(join(copy, file), 'utf8');
    for (const [behind, line] of added) {
      const parts = text.split(`${behind}\n`);
      assert.equal(parts.length, 2, `${file} has this line once: ${behind}`);
      text = parts.join(`${behind}\n${line}\n`);
    }
    writeFileSync(join(copy, file), text);
  }
}

function isThere(file: string): boolean {
  try {
    readFileSync(join(ROOT, file));
    return true;
  } catch {
    return false;
  }
}

function run(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, [...args], {
      cwd: copy,
      // Told that it runs within a test, `node --test` runs none, and says that all is well.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return assert.fail(`${stdout}\n${stderr}`);
  }
}
