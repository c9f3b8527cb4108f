import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Passwords } from 'bulwark/passwords';
import { sqlite } from 'bulwark/sqlite';
import { type Outcome, runCommand } from './cli.ts';
import { temporaryDirectory } from './testing/running.ts';

const PASSWORD = 'four quiet words in a row';
const CREATE = ['create-account', '--email', 'anna@example.com', '--password-stdin'];

function run(argv: readonly string[], input = '', data = '/nonexistent'): Promise<Outcome> {
  return runCommand(argv, [Buffer.from(input)] as unknown as AsyncIterable<Uint8Array>, {
    STRONGROOM_DATA: data,
  });
}

test('makes an account that has the password and the role', async (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  assert.deepEqual(await run([...CREATE, '--role', 'operator'], `${PASSWORD}\n`, directory.path), {
    code: 0,
    out: 'Made an account for anna@example.com (operator).\n',
    err: '',
  });
  const state = sqlite(directory.path);
  const passwords = Passwords.of({});
  const account = await state.accounts?.findByEmail('anna@example.com');
  assert.deepEqual(account?.roles, ['operator']);
  assert.ok((await passwords.verify(account.passwordHash, PASSWORD)).ok);
  assert.ok(!(await passwords.verify(account.passwordHash, `${PASSWORD}\n`)).ok);
  await state.close();
});

test('leaves an account that is there as it is, and fails', async (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  await run(CREATE, PASSWORD, directory.path);
  const again = await run(CREATE, PASSWORD, directory.path);
  assert.equal(again.code, 1);
  assert.match(again.err, /There is an account with this address already\. Nothing was changed\./);
});

test('fails on a password that the rules refuse, and never repeats it', async (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  for (const password of ['', 'short', 'passwordpassword']) {
    const outcome = await run(CREATE, password, directory.path);
    assert.equal(outcome.code, 1);
    assert.ok(outcome.err.length > 10);
    assert.ok(password === '' || !outcome.err.includes(password));
  }
});

test('speaks JSON when asked, in success and in failure', async (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  const made = await run([...CREATE, '--json'], PASSWORD, directory.path);
  assert.equal(made.err, '');
  const { id, ...rest } = JSON.parse(made.out) as { id: string };
  assert.match(id, /^[\w-]{22}$/);
  assert.deepEqual(rest, { email: 'anna@example.com', roles: ['client'] });
  const failed = await run([...CREATE, '--json'], PASSWORD, directory.path);
  assert.deepEqual([failed.code, failed.err], [1, '']);
  assert.ok('error' in (JSON.parse(failed.out) as object));
});

test('shows help with examples and exit codes', async () => {
  for (const flag of ['--help', '-h']) {
    const outcome = await run([flag]);
    assert.equal(outcome.code, 0);
    assert.match(
      outcome.out,
      /Usage:[^]*Examples:[^]*create-account --email anna@example\.com[^]*Exit codes:/,
    );
  }
});

test('wrong use is exit code 2, says what is wrong and where help is', async () => {
  for (const [argv, message] of [
    [[], /name a command/],
    [['delete-account'], /there is no command 'delete-account'/],
    [[...CREATE, 'now'], /'now' is one word too many/],
    [['create-account', '--password-stdin'], /--email is missing/],
    [['create-account', '--email', 'anna@example.com'], /--password-stdin is missing/],
    [[...CREATE, '--role', 'admin'], /--role is client or operator/],
    [[...CREATE, '--password', 'x'], /'--password'/],
    [['create-account', '--email', 'anna', '--password-stdin'], /--email: Enter an email address in full/],
    [['create-account', '--email'], /--email/],
  ] as const) {
    const outcome = await run(argv);
    assert.deepEqual([outcome.code, outcome.out], [2, ''], argv.join(' '));
    assert.match(outcome.err, message);
    assert.match(outcome.err, /--help/);
  }
});

test('a data directory that cannot be opened is a failure, not a stack', async () => {
  const outcome = await run(CREATE, PASSWORD, '/dev/null/strongroom');
  assert.equal(outcome.code, 1);
  assert.match(outcome.err, /^It failed: /);
  assert.doesNotMatch(outcome.err, /\n\s+at /);
});
