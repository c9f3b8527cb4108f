import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { type CommandRun, runCommand } from '../../test/support/command-run.ts';
import { PostgresServer } from '../../test/support/postgres.ts';
import { postgres } from '../stores/postgres/state.ts';
import { sqlite } from '../stores/sqlite/state.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-cli-import-'));
after(() => rmSync(FOLDER, { recursive: true }));

const HASH =
  'pbkdf2:sha256:1000$iKUUTLxO2IwE5Qte$80edb4c9434b0c45dcf581931e19999fc3756909c2ece297a4f404c01b71979f';
const GOOD = `email,password\nann@example.com,${HASH}\nbob@example.com,${HASH}\n`;
let places = 0;

/** Runs `accounts import` with these arguments, on a terminal or not. */
function imports(argv: readonly string[], isTTY = false): Promise<CommandRun> {
  return runCommand(['accounts', 'import', ...argv], isTTY);
}

/** A place of its own with a table in it. */
function place(text: string): { readonly file: string; readonly data: string } {
  places += 1;
  const data = join(FOLDER, `place-${places}`);
  mkdirSync(data);
  const file = join(data, 'users.csv');
  writeFileSync(file, text);
  return { file, data };
}

function emailsIn(data: string): readonly string[] {
  const state = sqlite(data);
  const emails = state.accounts?.after(undefined, 100);
  void state.close();
  assert.ok(Array.isArray(emails));
  return (emails as readonly { readonly email: string }[]).map(({ email }) => email).toSorted();
}

test('imports into an SQLite file, 0 where all rows are in; again, it refuses them and changes nothing', async () => {
  const { file, data } = place(GOOD);
  const first = await imports([file, '--data', data]);
  assert.deepEqual([first.code, first.err], [0, '']);
  assert.match(first.out, /^werkzeug-pbkdf2: 2\n2 of 2 rows imported into .*bulwark\.db; 0 refused\.\n$/);
  assert.deepEqual(emailsIn(data), ['ann@example.com', 'bob@example.com']);
  const again = await imports([file, '--data', join(data, 'bulwark.db')]);
  assert.equal(again.code, 1);
  assert.match(
    again.out,
    /^row 2: refused: email: there is an account with this address\. Fix: [^\n]+\.\nrow 3: /,
  );
  assert.deepEqual(emailsIn(data), ['ann@example.com', 'bob@example.com']);
});

test('a dry run makes not even the file', async () => {
  const { file, data } = place(GOOD);
  const { code, out } = await imports([file, '--data', data, '--dry-run']);
  assert.deepEqual([code, existsSync(join(data, 'bulwark.db'))], [0, false]);
  assert.match(out, /2 of 2 rows would be imported/);
});

test('prints one line of JSON, also where rows are refused', async () => {
  const { file, data } = place(`${GOOD}cy@example.com,\ndee@example.com,hunter2\nann@EXAMPLE.com,${HASH}\n`);
  const { code, out, err } = await imports([file, '--data', data, '--json']);
  assert.deepEqual([code, err, out.split('\n').length], [1, '', 2]);
  const { told, imported, refused } = JSON.parse(out) as {
    readonly told: readonly { readonly row: number; readonly field: string }[];
    readonly imported: number;
    readonly refused: number;
  };
  assert.deepEqual([imported, refused], [2, 3]);
  assert.deepEqual(
    told.map(({ row, field }) => [row, field]),
    [
      [4, 'password'],
      [5, 'password'],
      [6, 'email'],
    ],
  );
});

test('--without-password takes the rows whose password cannot move', async () => {
  const { file, data } = place('mail,pw\ncy@example.com,\ndee@example.com,hunter2\n');
  const { code, out } = await imports([
    file,
    '--data',
    data,
    '--columns',
    'email=mail,password=pw',
    '--without-password',
  ]);
  assert.equal(code, 0);
  assert.match(out, /2 of 2 rows imported into .*, 2 of them without a password; 0 refused/);
  assert.doesNotMatch(out, /hunter2|@example/);
});

test('wrong use is 2, says what to do, and makes nothing', async () => {
  const { file, data } = place(GOOD);
  const headless = place(`ann@example.com,${HASH}\n`);
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[file], /either --policy FILE or --data DIRECTORY/],
    [[file, '--data', data, '--policy', 'a.ts'], /either --policy FILE or --data DIRECTORY/],
    [[file, '--policy', join(data, 'none.ts')], /There is no /],
    [[join(data, 'none.csv'), '--data', data], /There is no /],
    [[data, '--data', data], /is a directory/],
    [[file, '--data', join(data, 'mistyped')], /There is no directory/],
    [[file, '--data', data, '--columns', 'mail'], /--columns takes NAME=COLUMN/],
    [[file, '--data', data, '--columns', 'active='], /can be left unread/],
    [[file, '--data', data, '--columns', 'email=address'], /no column has the name/],
    [[file, '--data', data, '--roles', 'a b'], /--roles takes/],
    [[headless.file, '--data', headless.data, '--dry-run'], /the data of somebody/],
  ];
  for (const [argv, why] of wrong) {
    const { code, out, err } = await imports(argv);
    assert.deepEqual([code, out], [2, ''], argv.join(' '));
    assert.match(err, why);
    assert.doesNotMatch(err, /example\.com|pbkdf2/);
  }
  const { out } = await imports([headless.file, '--data', headless.data, '--json']);
  assert.equal((JSON.parse(out) as { readonly code: string }).code, 'ERR_BULWARK_IMPORT_FILE');
});

test('a column in doubt and a table of Flask-Security are read once it is said what they are, and nothing is in before', async () => {
  const argon2 = `"$argon2id$v=19$m=512,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}"`;
  const { file, data } = place(
    `email,password,status,state,fs_uniquifier\na@example.com,${argon2},1,0,x\nb@example.com,${argon2},0,0,y\n`,
  );
  const to = [file, '--data', data];
  const doubts = await imports(to);
  assert.equal(doubts.code, 2);
  assert.match(doubts.err, /status, state\. For each say what it is/);
  const told = [...to, '--columns', 'active=status', '--unread', 'state'];
  const flask = await imports(told);
  assert.equal(flask.code, 2);
  assert.match(flask.err, /--flask-security/);
  assert.deepEqual(emailsIn(data), []);
  const plain = await imports([...told, '--no-flask-security', '--dry-run']);
  assert.match(plain.out, /^argon2id: 2$/m);
  const both = await imports([...told, '--flask-security']);
  assert.equal(both.code, 0, both.err);
  assert.match(both.out, /^flask-security: 2$/m);
  assert.match(both.out, /1 of them disabled, as they were/);
});

test('nothing of a hostile file reaches the terminal as it is, and a pipe gets no colour', async () => {
  const evil = '\u001B]0;owned\u0007\u001B[2J\u202E';
  const { file, data } = place(
    `email,password,"${evil}=cmd()"\n"${evil}",${evil},${evil}\na@example.com,${evil},${evil}\n`,
  );
  for (const isTTY of [false, true]) {
    const { out, err } = await imports([file, '--data', data, '--dry-run'], isTTY);
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    assert.doesNotMatch(out, /[\u0000-\u0009\u000B-\u001F\u202E]/);
    assert.equal(err.replaceAll(/\rReading: \d+ %|\r\u001B\[K/g, ''), '');
    assert.equal(err === '', !isTTY);
  }
});

/** Imports by the shell into the state of a policy, written as in its file. */
function importByPolicy(
  t: TestContext,
  { file, data }: { file: string; data: string },
): (state: string, more?: readonly string[], environment?: string) => Shell {
  // Inside the repository: the policy imports what the package exports.
  const folder = join(import.meta.dirname, '../../test/.documents', `import-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const policy = join(folder, 'bulwark.config.ts');
  return (state, more = [], environment = 'development') => {
    const source = `
import { sqlite } from 'bulwark/sqlite';
import { memory } from 'bulwark/memory';
import { postgres } from 'bulwark/postgres';
import { Pool } from 'pg';
console.log('loud', memory.name, sqlite.name, postgres.name, Pool.name);
export default { environment: '${environment}', state: ${state} };`;
    writeFileSync(policy, source);
    const entry = new URL('bulwark.ts', import.meta.url).pathname;
    const options = ['--conditions=bulwark-source', '--disable-warning=ExperimentalWarning'];
    const argv = [...options, entry, 'accounts', 'import', file, '--policy', policy, '--json', ...more];
    const env = { PATH: process.env['PATH'] };
    return spawnSync(process.execPath, argv, { cwd: data, encoding: 'utf8', env, timeout: 60_000 });
  };
}

interface Shell {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function importedOf({ status, stdout, stderr }: Shell): number {
  assert.equal(status, 0, stderr);
  return (JSON.parse(stdout) as { readonly imported: number }).imported;
}

test('imports into the store of a policy, through the shell; what the policy prints is no part of the result', (t) => {
  const placed = place(GOOD);
  const shell = importByPolicy(t, placed);
  const done = shell(`sqlite(${JSON.stringify(placed.data)})`);
  assert.equal(importedOf(done), 2);
  assert.match(done.stderr, /loud/);
  assert.equal(emailsIn(placed.data).length, 2);
  const inMemory = shell('memory()');
  assert.equal(inMemory.status, 1);
  assert.match(inMemory.stdout, /are in memory/);
});

test('a dry run, and an import, need no secret in production: nothing is signed', (t) => {
  const placed = place(GOOD);
  const shell = importByPolicy(t, placed);
  const state = `sqlite(${JSON.stringify(placed.data)})`;
  assert.equal(importedOf(shell(state, ['--dry-run'], 'production')), 2);
  assert.deepEqual(emailsIn(placed.data), []);
  assert.equal(importedOf(shell(state, [], 'production')), 2);
});

test('imports into PostgreSQL, and the process ends with it', async (t) => {
  const server = await PostgresServer.start();
  t.after(() => server.stop());
  const url = await server.database();
  const shell = importByPolicy(t, place(GOOD));
  const state = `await postgres(new Pool({ connectionString: ${JSON.stringify(url)} }))`;
  assert.equal(importedOf(shell(state)), 2);
  const stored = await postgres(server.pool(url));
  assert.equal((await stored.accounts?.findByEmail('ann@example.com'))?.passwordHash, HASH);
  await stored.close();
  const again = shell(state);
  assert.equal(again.status, 1, 'they are there already');
  assert.equal((JSON.parse(again.stdout) as { readonly imported: number }).imported, 0);
});
