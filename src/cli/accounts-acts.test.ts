import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { after, test } from 'node:test';
import { Command } from 'commander';
import { type CommandRun, runCommand } from '../../test/support/command-run.ts';
import { sqlite } from '../stores/sqlite/state.ts';
import { sketchSession } from '../testing/conformance/support.ts';
import { defineActs } from './accounts-acts.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-accounts-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));
/** Of the run: commands of one application have the same. */
const SECRET = randomBytes(36).toString('base64');
const PASSWORD = 'four quiet words in a row';
const at = (file: string): string => new URL(file, import.meta.url).href;

let files = 0;

/** A policy of its own for each command: a module is run once in a process, and its state is closed then. */
function policyAt(folder: string, more = '', secret = `fixedSecrets('${SECRET}')`): string {
  const file = join(folder, `policy-${(files += 1)}.mjs`);
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs';
     import { sqlite } from '${at('../stores/sqlite/state.ts')}';
     import { fixedSecrets } from '${at('../testing/fakes.ts')}';
     export default {
       environment: 'production',
       origin: 'https://files.example.com',
       secrets: ${secret},
       state: sqlite('${join(folder, 'data')}'),
       accounts: {
         name: 'Files',
         mail: { send: async (mail) => appendFileSync('${join(folder, 'mails')}', JSON.stringify(mail) + '\\n') },
       },
       audit: { sink: (line) => appendFileSync('${join(folder, 'events')}', line + '\\n') },
       ${more}
     };`,
  );
  return file;
}

function folderOf(name: string): string {
  return mkdtempSync(join(FOLDER, name));
}

/** Lines of JSON that a command left. */
function linesOf(folder: string, name: 'mails' | 'events'): readonly Record<string, unknown>[] {
  const file = join(folder, name);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
}

const accounts = (folder: string, ...argv: readonly string[]): Promise<CommandRun> =>
  runCommand(['accounts', ...argv, '--policy', policyAt(folder)]);

/** Makes an account by the command, with a password on its standard input. */
async function createWith(folder: string, typed: string, ...argv: readonly string[]): Promise<string> {
  let out = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      out += chunk.toString();
      done();
    },
  });
  const command = new Command('accounts').exitOverride();
  defineActs(command, { out: stream, err: stream }, Readable.from([typed]));
  const all = ['create', ...argv, '--password-stdin', '--json', '--policy', policyAt(folder)];
  await command.parseAsync(all, { from: 'user' });
  return out;
}

test('makes accounts, finds them, and shows one, with nothing on the command line that opens it', async () => {
  const folder = folderOf('make');
  const made = JSON.parse(
    await createWith(folder, `${PASSWORD}\n`, 'Anna@Example.com', '--role', 'client', '--role', 'staff'),
  ) as { id: string; email: string; roles: string[] };
  assert.deepEqual([made.email, made.roles], ['Anna@example.com', ['client', 'staff']]);
  const told = linesOf(folder, 'events').map(({ event, details }) => {
    const { act, role } = (details ?? {}) as { readonly act?: string; readonly role?: string };
    return [event, act, role];
  });
  assert.deepEqual(
    told.filter(([event]) => event === 'authz_admin' || event === 'privilege_permissions_changed'),
    [
      ['authz_admin', 'create', undefined],
      ['authz_admin', 'grant-role', 'client'],
      ['authz_admin', 'grant-role', 'staff'],
      ['privilege_permissions_changed', undefined, undefined],
    ],
  );
  await assert.rejects(createWith(folder, `${PASSWORD}\n`, 'anna@example.com'), /has an account already/);
  await assert.rejects(createWith(folder, 'short\n', 'bob@example.com'), /at least/);
  await assert.rejects(createWith(folder, '\n', 'bob@example.com'), /has no password/);
  const linked = await accounts(folder, 'create', 'bob@example.com', '--mail-link');
  assert.deepEqual([linked.code, linked.out.startsWith('Made ')], [0, true]);
  const [mail] = linesOf(folder, 'mails') as readonly { to?: string; subject?: string; text?: string }[];
  assert.deepEqual(
    [mail?.to, mail?.subject],
    ['bob@example.com', 'Choose a password for your new account at Files'],
  );
  assert.match(mail?.text ?? '', /https:\/\/files\.example\.com\/reset\/confirm\?token=/);
  const list = await accounts(folder, 'list', '--begins', 'an', '--json');
  const { accounts: found, next } = JSON.parse(list.out) as { accounts: { id: string }[]; next?: string };
  assert.deepEqual([found.map(({ id }) => id), next], [[made.id], undefined]);
  const page = await accounts(folder, 'list', '--limit', '1');
  assert.match(page.out, /^id .*\n\S+ .*active {4}Anna@example\.com {2}client,staff\n$/);
  assert.match(page.err, /--after anna@example\.com/);
  const rest = await accounts(folder, 'list', '--after', 'anna@example.com', '--state', 'active');
  assert.match(rest.out, /bob@example\.com/);
  assert.match((await accounts(folder, 'list', '--role', 'nobody')).out, /No account is like that/);
  const shown = await accounts(folder, 'show', 'ANNA@example.com');
  assert.match(shown.out, new RegExp(`^Anna@example.com  ${made.id}\\n  active, made [^]*has a password\\n`));
  const json = await runCommand(['accounts', 'show', '--json', '--policy', policyAt(folder), '--', made.id]);
  assert.equal((JSON.parse(json.out) as { account: { id: string } }).account.id, made.id);
  assert.doesNotMatch(json.out + shown.out + list.out, /argon2/);
  const state = sqlite(join(folder, 'data'));
  const [act, account] = ['delete-account', made.id];
  const wish = { id: `${act}/${account}`, act, account, askedBy: account, askedAt: 1, expiresAt: 9e15 };
  await state.accounts?.actRequests.ask({ ...wish, reason: String(Date.UTC(2030, 0, 2)) }, 1);
  await state.close();
  assert.match((await accounts(folder, 'show', made.id)).out, /to be removed on 2030-01-02.*owner/);
});

test('v5.0.0-16.2.5 (in part) disables, enables, signs out, gives and takes roles, and each is an event that names who did it', async () => {
  const folder = folderOf('acts');
  const { id } = JSON.parse(await createWith(folder, PASSWORD, 'ann@example.com')) as { id: string };
  const state = sqlite(join(folder, 'data'));
  const now = Date.now();
  const live = { account: id, createdAt: now, signedInAt: now, seenAt: now, expiresAt: now + 3_600_000 };
  for (const hash of ['a', 'b']) await state.sessions.create(sketchSession(hash.repeat(43), live));
  const run = async (...argv: string[]): Promise<[number, string]> => {
    const { code, out, err } = await accounts(folder, ...argv);
    return [code, out + err];
  };
  assert.deepEqual(await run('sign-out', 'ann@example.com'), [0, `${id} is signed out everywhere.\n`]);
  assert.equal((await state.sessions.list(id, now)).length, 0);
  await state.sessions.create(sketchSession('c'.repeat(43), live));
  assert.deepEqual(await run('disable', 'ann@example.com'), [0, `${id} is disabled.\n`]);
  assert.equal((await state.sessions.list(id, now)).length, 0);
  assert.notEqual((await state.accounts?.find(id))?.disabledAt, undefined);
  assert.deepEqual(await run('disable', 'ann@example.com'), [1, 'Nothing to do: it is so already.\n']);
  assert.deepEqual(await run('enable', 'ann@example.com'), [0, `${id} may sign in again.\n`]);
  assert.deepEqual(await run('grant', 'ann@example.com', 'operator', '--json'), [
    0,
    `{"account":"${id}","done":true}\n`,
  ]);
  assert.deepEqual((await state.accounts?.find(id))?.roles, ['operator']);
  assert.deepEqual(await run('revoke', 'ann@example.com', 'operator'), [0, `${id} has the role no more.\n`]);
  assert.deepEqual((await state.accounts?.find(id))?.roles, []);
  assert.equal((await run('grant', 'ann@example.com', 'two words'))[0], 2);
  assert.deepEqual(await run('disable', 'nobody@example.com'), [1, 'There is no account of this address.\n']);
  await state.close();
  const acts = linesOf(folder, 'events').filter(({ event }) => event === 'authz_admin');
  // Nobody is signed in: the account of the entry is whom it is about.
  assert.ok(acts.every(({ account }) => account === id));
  const details = acts.map((entry) => entry['details'] as { operator: string; act: string });
  assert.ok(details.every(({ operator }) => operator.startsWith('command line, ')));
  assert.deepEqual(
    details.map(({ act }) => act),
    ['create', 'sign-out', 'disable', 'enable', 'grant-role', 'revoke-role'],
  );
});

test('without an origin nobody is mailed a link to this machine, in development neither', async () => {
  const folder = folderOf('origin');
  const policy = policyAt(folder, "environment: 'development', origin: undefined,");
  const { code, err } = await runCommand([
    'accounts',
    'create',
    'ann@example.com',
    '--mail-link',
    '--policy',
    policy,
  ]);
  assert.deepEqual([code, /BULWARK_ORIGIN/.test(err)], [1, true]);
  assert.deepEqual(linesOf(folder, 'mails'), []);
  assert.match((await accounts(folder, 'list')).out, /No account is like that/);
});

test('the policy is the one of this folder where none is named', async () => {
  const folder = folderOf('here');
  const before = process.cwd();
  process.chdir(folder);
  try {
    const none = await runCommand(['accounts', 'list']);
    assert.deepEqual(
      [none.code, none.err.includes('Name the policy: --policy bulwark.config.ts')],
      [2, true],
    );
    renameSync(policyAt(folder), join(folder, 'bulwark.config.mjs'));
    assert.match((await runCommand(['accounts', 'list'])).out, /No account is like that/);
  } finally {
    process.chdir(before);
  }
});

test('removes second factors by one word, tells the owner, and says so in its help and in the log', async () => {
  const folder = folderOf('reset');
  const { id } = JSON.parse(await createWith(folder, PASSWORD, 'ann@example.com')) as { id: string };
  assert.deepEqual(
    (await accounts(folder, 'reset-factors', 'ann@example.com')).err,
    'Nothing to do: it has no second factor.\n',
  );
  const state = sqlite(join(folder, 'data'));
  await state.factors?.recoveryCodes.replace(id, ['hash of a code'], Date.now());
  const { code, out } = await accounts(folder, 'reset-factors', 'ann@example.com');
  assert.deepEqual([code, out], [0, `${id} has no second factor any more; its owner is told by mail.\n`]);
  assert.equal(await state.factors?.recoveryCodes.count(id), 0);
  await state.close();
  const [mail, ...others] = linesOf(folder, 'mails') as readonly {
    to?: string;
    subject?: string;
    text?: string;
  }[];
  assert.deepEqual(
    [mail?.to, mail?.subject, others],
    ['ann@example.com', 'Your second factors were removed (Files)', []],
  );
  assert.match(mail?.text ?? '', /https:\/\/files\.example\.com\/account/);
  const told = linesOf(folder, 'events').filter(
    ({ details }) => (details as { act?: string }).act === 'reset-factors',
  );
  assert.equal(told.length, 1);
  const help = (await runCommand(['accounts', 'reset-factors', '--help'])).out;
  assert.match(help, /nobody else is asked, since whoever can run this command holds the\nmachine/);
});

test('a policy without its secret shows accounts and acts on none; one in memory is told apart', async () => {
  const folder = folderOf('secret');
  await createWith(folder, PASSWORD, 'ann@example.com');
  const without = (...argv: string[]): Promise<CommandRun> =>
    runCommand(['accounts', ...argv, '--policy', policyAt(folder, '', '{ name: "none", load: () => [] }')]);
  assert.equal((await without('show', 'ann@example.com')).code, 0);
  const refused = await without('disable', 'ann@example.com');
  assert.equal(refused.code, 1);
  assert.match(refused.err, /needs the secret of the application/);
  const inMemory = policyAt(folder).replace('policy-', 'memory-');
  const memory = at('../stores/memory/state.ts');
  writeFileSync(
    inMemory,
    `import { memory } from '${memory}'; export default { origin: 'https://a.example.com', state: memory() };`,
  );
  const lost = await runCommand(['accounts', 'list', '--policy', inMemory]);
  assert.equal(lost.code, 1);
  assert.match(lost.err, /in the memory of another process/);
  const nowhere = await runCommand(['accounts', 'list', '--policy', join(folder, 'no.mjs'), '--json']);
  assert.deepEqual([nowhere.code, nowhere.out.includes('There is no')], [2, true]);
  for (const argv of [
    ['--state', 'odd'],
    ['--limit', '0'],
    ['--limit', '201'],
  ])
    assert.equal((await accounts(folder, 'list', ...argv)).code, 2, argv.join(' '));
});

test('what an account holds that a terminal would obey is shown and not done', async () => {
  const folder = folderOf('shown');
  const { id } = JSON.parse(await createWith(folder, PASSWORD, 'ann@example.com')) as { id: string };
  const state = sqlite(join(folder, 'data'));
  const now = Date.now();
  await state.accounts?.activity.add(
    {
      account: id,
      at: now,
      event: 'signed-in',
      detail: '\u001b[2J\u009b2J\u202e',
      address: '192.0.2.1',
      userAgent: 'x',
    },
    10,
  );
  await state.close();
  const { out } = await accounts(folder, 'show', 'ann@example.com');
  assert.doesNotMatch(out, /[^\x20-\x7e\n]/);
  assert.match(out, /u\{1b\}\[2J/);
  const json = await accounts(folder, 'show', 'ann@example.com', '--json');
  assert.doesNotMatch(json.out, /[^\x20-\x7e\n]/);
  assert.match(JSON.stringify(JSON.parse(json.out)), /\u009b2J\u202e/);
});

test('every command has help with an example, and none is wider than a page', async () => {
  for (const name of [
    'create',
    'list',
    'show',
    'disable',
    'enable',
    'sign-out',
    'reset-factors',
    'grant',
    'revoke',
  ]) {
    const { code, out } = await runCommand(['accounts', name, '--help']);
    assert.equal(code, 0);
    assert.match(out, /Examples:\n {2}bulwark accounts /, name);
    for (const line of out.split('\n')) assert.ok(line.length <= 120, line);
  }
});
