import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { type CommandRun, runCommand } from '../../test/support/command-run.ts';

const ENTRY = new URL('bulwark.ts', import.meta.url).pathname;

/** What a command line prints and comes to. */
function bulwark(...argv: string[]): Promise<CommandRun> {
  return runCommand(argv);
}

test('its help names every command, and each command has help with examples', async () => {
  const { code, out, err } = await bulwark('--help');
  assert.deepEqual([code, err], [0, '']);
  for (const word of ['run', 'tune', 'passwords', 'routes', 'accounts', 'Exit codes'])
    assert.ok(out.includes(word), word);
  for (const command of [
    ['run'],
    ['tune'],
    ['routes'],
    ['passwords', 'filter', 'build'],
    ['accounts', 'import'],
    ['gateway'],
    ['gateway', 'report'],
    ['sessions', 'list'],
    ['sessions', 'revoke'],
    ...['verify', 'tail', 'search', 'export', 'stats', 'index', 'retain', 'key'].map((name) => [
      'audit',
      name,
    ]),
  ]) {
    const help = await bulwark(...command, '--help');
    assert.equal(help.code, 0);
    assert.match(help.out, /Usage: bulwark .*\n[^]*Examples:\n {2}bulwark /, command.join(' '));
  }
  assert.equal((await bulwark('help', 'tune')).out, (await bulwark('tune', '--help')).out);
});

test('no line of help is wider than a page', async () => {
  for (const command of [
    [],
    ['run'],
    ['tune'],
    ['routes'],
    ['passwords', 'filter', 'build'],
    ['accounts', 'import'],
    ['gateway'],
    ['gateway', 'report'],
    ['sessions', 'list'],
    ['sessions', 'revoke'],
    ...['verify', 'tail', 'search', 'export', 'stats', 'index', 'retain', 'key'].map((name) => [
      'audit',
      name,
    ]),
  ]) {
    const { out } = await bulwark(...command, '--help');
    for (const line of out.split('\n')) assert.ok(line.length <= 120, line);
  }
});

test('a group of commands has examples too', async () => {
  for (const name of ['sessions', 'accounts', 'passwords'])
    assert.match((await bulwark(name, '--help')).out, /Examples?:\n {2}bulwark /, name);
});

test('a wrong command line is exit code 2 and says what is wrong', async () => {
  for (const [argv, message] of [
    [['nope'], /unknown command 'nope'/],
    [['gateway', '--workers', 'many'], /--workers takes a whole number/],
    [['gateway', '--upstream', 'https://a'], /--upstream takes where the application listens/],
    [['gateway', '--listen', '8080'], /--listen takes HOST:PORT/],
    [['tune', '--traget', '1s'], /unknown option '--traget'[^]*--target/],
    [['tune', '--target', 'soon'], /--target is from 10ms to 5s/],
    [['tune', '--write', 'passwords.txt'], /\.ts, \.js, \.mjs or \.json/],
    [['tune', 'surplus'], /too many arguments/],
    [['passwords', 'filter', 'build', 'list.txt'], /'--out <file>' not specified/],
    [['passwords', 'filter', 'build', 'a', '--out', 'b', '--one-in', '1'], /--one-in is a whole number/],
    [['sessions', 'lst', 'ann'], /Did you mean list\?[^]*bulwark sessions --help/],
    [['accounts', 'nope'], /unknown command 'nope'\nbulwark accounts --help/],
    [['nope'], /bulwark --help names the commands/],
    [[], /Usage: bulwark/],
  ] as const) {
    const { code, out, err } = await bulwark(...argv);
    assert.deepEqual([code, out], [2, ''], argv.join(' '));
    assert.match(err, message, argv.join(' '));
  }
});

test('with --json what went wrong is one line of JSON', async () => {
  const { code, out, err } = await bulwark('tune', '--target', 'soon', '--json');
  assert.deepEqual([code, err], [2, '']);
  assert.deepEqual(Object.keys(JSON.parse(out) as object), ['error']);
  const missing = await bulwark(
    'passwords',
    'filter',
    'build',
    '/nowhere',
    '--out',
    '/nowhere.filter',
    '--json',
  );
  assert.equal(missing.code, 1);
  assert.deepEqual(JSON.parse(missing.out), { error: 'There is no /nowhere.', code: 'ENOENT' });
});

test('says its version, which is that of the package', async () => {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  assert.equal(
    (await bulwark('--version')).out,
    `${(JSON.parse(manifest) as { version: string }).version}\n`,
  );
});

const OPTIONS = ['--conditions=bulwark-source', '--disable-warning=ExperimentalWarning'];

test('runs in a shell, with the exit code that was meant, and without colours where it is piped', async () => {
  const help = await promisify(execFile)(process.execPath, [...OPTIONS, ENTRY, '--help']);
  assert.match(help.stdout, /^Usage: bulwark/);
  const wrong = spawnSync(process.execPath, [...OPTIONS, ENTRY, 'nope'], { encoding: 'utf8' });
  assert.equal(wrong.status, 2);
  const tuned = spawnSync(process.execPath, [...OPTIONS, ENTRY, 'tune', '--target', '10ms'], {
    encoding: 'utf8',
  });
  assert.equal(tuned.status, 0, tuned.stderr);
  assert.match(tuned.stdout, /^passwords: \{ memory: '/m);
  assert.ok(!tuned.stdout.includes('\u001B') && tuned.stderr === '');
});

test('on an older Node.js it says so in one line, with nothing newer than modules in its entry', () => {
  const old = "Object.defineProperty(process.versions, 'node', { value: '24.6.0' });";
  const preload = `data:text/javascript,${encodeURIComponent(old)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...OPTIONS, '--import', preload, ENTRY], {
    encoding: 'utf8',
  });
  // 1 would say of `bulwark routes` that there are routes without a rule.
  assert.deepEqual([status, stdout], [2, '']);
  assert.equal(stderr, 'bulwark needs Node.js 24.7 or later, and this is 24.6.0: https://nodejs.org\n');
  const entry = readFileSync(ENTRY, 'utf8');
  // An old parser reads all of the file before it runs any of it; a static import would be loaded first.
  assert.doesNotMatch(entry, /^import|\bawait\b|\?\.|\?\?|#[a-z]+\b(?<!#!\/usr)(?! node)/m);
});

test('loads only the command that is asked for', () => {
  const code = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ load: (url, context, next) => { seen.push(url); return next(url, context); } });
    const { run } = await import(${JSON.stringify(new URL('main.ts', import.meta.url).href)});
    await run(['--help'], { out: { write() {} }, err: process.stderr });
    console.log(seen.filter((url) => url.includes('/src/')).map((url) => url.replace(/^.*\\/src\\//, '')).join(' '));`;
  const { stdout } = spawnSync(process.execPath, [...OPTIONS, '--input-type=module', '--eval', code], {
    encoding: 'utf8',
  });
  assert.equal(stdout.trim(), 'cli/main.ts audit/escaped-json.ts cli/terminal.ts cli/version.ts');
});
