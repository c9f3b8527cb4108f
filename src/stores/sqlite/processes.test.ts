/** What only real processes can show: they start, count and die beside each other. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { sketchAccount, sketchActRequest } from '../../testing/conformance/accounts.ts';
import { NOW } from '../../testing/conformance/support.ts';
import { sqlite } from './state.ts';

const directory = mkdtempSync(join(tmpdir(), 'bulwark-processes-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const PRELUDE = `
  import { writeSync } from 'node:fs';
  import { DatabaseSync } from 'node:sqlite';
  import { sqlite } from ${JSON.stringify(import.meta.resolve('./state.ts'))};
  import { NOW, sketchSession } from ${JSON.stringify(import.meta.resolve('../../testing/conformance/support.ts'))};
  const say = (text) => writeSync(1, text + '\\n');
`;

/** A child that runs a module, with the store in reach. */
function child(source: string): ChildProcess {
  const args = ['--input-type=module', '--eval', PRELUDE + source];
  return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** What a child says until it ends, line by line. */
async function linesOf(process: ChildProcess): Promise<string[]> {
  let text = '';
  process.stdout?.on('data', (chunk) => (text += String(chunk)));
  await once(process, 'close');
  return text.split('\n').filter((line) => line !== '');
}

/** Waits until a child has said so many lines. */
async function waitForLines(process: ChildProcess, count: number): Promise<void> {
  let seen = 0;
  await new Promise<void>((resolve) => {
    process.stdout?.on('data', (chunk) => {
      seen += String(chunk).split('\n').length - 1;
      if (seen >= count) resolve();
    });
  });
}

/** Runs a piece of code in several children, at the same moment. Returns what each says at its end. */
async function atOnce(count: number, source: string): Promise<(string | undefined)[]> {
  const gated = `say('ready'); process.stdin.once('data', () => { ${source}; process.exit(); });`;
  const children = Array.from({ length: count }, () => child(gated));
  const spoken = children.map(linesOf);
  await Promise.all(children.map(async (one) => waitForLines(one, 1)));
  for (const one of children) one.stdin?.write('go\n');
  return (await Promise.all(spoken)).map((lines) => lines[1]);
}

/** How many of the requests of two processes a counter lets through. */
async function passedOf(folder: string, count: number): Promise<number> {
  await sqlite(folder).close();
  const passed = await atOnce(
    2,
    `const { counters } = sqlite(${JSON.stringify(folder)});
     let passed = 0;
     for (let index = 0; index < 1000; index += 1) {
       if (counters.take('k', { count: ${count}, windowMs: 60000 }, NOW).allowed) passed += 1;
     }
     say(passed);`,
  );
  return Number(passed[0]) + Number(passed[1]);
}

test('lets five of five a minute through, however many processes ask (past failure 6)', async () => {
  assert.equal(await passedOf(join(directory, 'five'), 5), 5);
});

test('two processes take each step of an authenticator app and each recovery code once between them', async () => {
  const shared = join(directory, 'factors');
  const before = sqlite(shared);
  const codes = Array.from({ length: 500 }, (_, index) => `code ${index}`);
  await before.factors?.totp.putPending('ann', { id: 'a', sealed: 's', expiresAt: NOW + 1 });
  await before.factors?.totp.confirm('ann', 'a', 0, NOW);
  await before.factors?.recoveryCodes.replace('ann', codes, NOW);
  await before.close();
  const passed = await atOnce(
    2,
    `const { totp, recoveryCodes } = sqlite(${JSON.stringify(shared)}).factors;
     let steps = 0;
     let codes = 0;
     for (let index = 1; index <= 500; index += 1) {
       if (totp.use('ann', 'a', index, NOW)) steps += 1;
       if (recoveryCodes.take('ann', 'code ' + (index - 1)) !== undefined) codes += 1;
     }
     say(steps + ' ' + codes);`,
  );
  const [one, two] = passed.map((line) => line?.split(' ').map(Number) ?? []);
  // The process that is ahead may pass steps over the head of the other: none passes twice.
  assert.ok((one?.[0] ?? 0) + (two?.[0] ?? 0) <= 500);
  assert.equal((one?.[1] ?? 0) + (two?.[1] ?? 0), 500);
});

test('two processes use each mail token once between them, and count every wrong password', async () => {
  const shared = join(directory, 'accounts');
  const before = sqlite(shared);
  for (let index = 0; index < 300; index += 1) {
    const token = { hash: `t${index}`, purpose: 'reset', subject: 'ann', data: '{}', expiresAt: NOW + 1 };
    await before.accounts?.mailTokens.put(token, 300);
  }
  const passed = await atOnce(
    2,
    `const { mailTokens, guesses } = sqlite(${JSON.stringify(shared)}).accounts;
     let taken = 0;
     for (let index = 0; index < 300; index += 1) {
       if (mailTokens.take('t' + index, 'reset', NOW) !== undefined) taken += 1;
       for (let counted = false; !counted; ) {
         const seen = guesses.find('k', NOW);
         const failures = (seen?.failures ?? 0) + 1;
         counted = guesses.advance('k', seen, { failures, streak: 1, lastAt: NOW }, NOW + 1, NOW);
       }
     }
     say(taken);`,
  );
  assert.equal(Number(passed[0]) + Number(passed[1]), 300);
  assert.equal((await before.accounts?.guesses.find('k', NOW))?.failures, 600);
  await before.close();
});

test('of two processes that confirm one request of an operator exactly one does, each time', async () => {
  const shared = join(directory, 'requests');
  const before = sqlite(shared);
  for (let index = 0; index < 100; index += 1) {
    const id = `a${index}`;
    await before.accounts?.create(sketchAccount(id));
    await before.accounts?.actRequests.ask(sketchActRequest(`r${index}`, { account: id }), NOW);
  }
  const passed = await atOnce(
    2,
    `const { actRequests } = sqlite(${JSON.stringify(shared)}).accounts;
     let taken = 0;
     for (let index = 0; index < 100; index += 1) {
       if (actRequests.take('reset-factors', 'r' + index, 'bob', NOW) !== undefined) taken += 1;
     }
     say(taken);`,
  );
  assert.equal(Number(passed[0]) + Number(passed[1]), 100);
  assert.deepEqual(await before.accounts?.actRequests.list('reset-factors', undefined, 5, NOW), []);
  await before.close();
});

test('two processes that write all the time count every request of each other', async () => {
  assert.equal(await passedOf(join(directory, 'many'), 1500), 1500);
});

test('processes that start at once on no database all start', async () => {
  const folders = Array.from({ length: 20 }, (_, index) => join(directory, `fresh${index}`));
  const spoken = await atOnce(
    4,
    `for (const folder of ${JSON.stringify(folders)}) {
       sqlite(folder).sessions.create(sketchSession('session ' + process.pid));
     }
     say('started');`,
  );
  assert.deepEqual(spoken, ['started', 'started', 'started', 'started']);
  for (const folder of folders) {
    const state = sqlite(folder);
    assert.equal(await state.sessions.count(), 4);
    await state.close();
  }
});

test('a process killed while it writes loses nothing that it said was stored', async () => {
  const shared = join(directory, 'killed');
  const writer = child(`
    const { sessions } = sqlite(${JSON.stringify(shared)});
    for (let index = 0; ; index += 1) {
      sessions.create(sketchSession('s' + index, { data: JSON.stringify('x'.repeat(5000)) }));
      if (index > 0) sessions.replace('s' + (index - 1), sketchSession('r' + index), NOW);
      say('r' + index);
    }`);
  const spoken = linesOf(writer);
  await waitForLines(writer, 50);
  writer.kill('SIGKILL');
  // `r0` replaces nothing.
  const lines = (await spoken).slice(1);
  assert.ok(lines.length >= 49);
  const state = sqlite(shared);
  for (const name of lines) assert.ok(await state.sessions.find(name, NOW), name);
  await state.close();
  assert.equal(integrity(shared), 'ok');
});

test('a process killed in the middle of a transaction leaves none of it, and holds nobody up', async () => {
  const shared = join(directory, 'half');
  const before = sqlite(shared);
  await before.counters.take('committed', { count: 5, windowMs: 60_000 }, NOW);
  await before.close();
  const writer = child(`
    const db = new DatabaseSync(${JSON.stringify(join(shared, 'bulwark.db'))});
    db.exec("BEGIN IMMEDIATE; INSERT INTO counters VALUES ('half', 1); DELETE FROM counters WHERE key = 'committed'");
    say('in the middle');
    setInterval(() => {}, 1000);`);
  const closed = once(writer, 'close');
  await waitForLines(writer, 1);
  writer.kill('SIGKILL');
  await closed;
  const state = sqlite(shared);
  assert.equal(await state.counters.count(), 1);
  assert.equal((await state.counters.take('committed', { count: 5, windowMs: 60_000 }, NOW)).remaining, 3);
  await state.close();
  assert.equal(integrity(shared), 'ok');
});

function integrity(folder: string): unknown {
  const db = new DatabaseSync(join(folder, 'bulwark.db'));
  const answer = db.prepare('PRAGMA integrity_check').get()?.integrity_check;
  db.close();
  return answer;
}
