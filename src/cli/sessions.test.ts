import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import { sessionRef } from '../core/session-ref.ts';
import { sqlite } from '../stores/sqlite/state.ts';
import { define as defineReport } from './gateway-report.ts';
import { run } from './main.ts';
import { AnsweredNo } from './terminal.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-sessions-'));
const DATA = join(FOLDER, 'data');
const NOW = Date.now();

class Kept extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function bulwark(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err] = [new Kept(), new Kept()];
  const code = await run(argv, { out, err });
  return { code, out: out.text, err: err.text };
}

before(async () => {
  const state = sqlite(DATA);
  for (const [idHash, account] of [
    ['a'.repeat(43), 'ann'],
    ['b'.repeat(43), 'ann'],
    ['c'.repeat(43), 'bob'],
  ] as const)
    await state.sessions.create({
      idHash,
      account,
      roles: [],
      createdAt: NOW,
      signedInAt: NOW,
      mfaAt: undefined,
      device: undefined,
      seenAt: NOW,
      expiresAt: NOW + 3_600_000,
      idleMs: 600_000,
      version: 1,
      data: '{"secret":"of the application"}',
      address: '192.0.2.1',
      userAgent: 'a browser\u001b[2J\u009b2J\u202e',
    });
  await state.close();
});
after(() => rmSync(FOLDER, { recursive: true, force: true }));

test('lists the sessions of an account by references that open nothing, for a person and as JSON', async () => {
  const { code, out } = await bulwark('sessions', 'list', 'ann', '--data', DATA);
  assert.equal(code, 0);
  assert.equal(out.split('\n').length, 4);
  assert.ok(out.includes(sessionRef('a'.repeat(43))) && !out.includes('aaaa'));
  assert.ok(!out.includes('\u001b') && !out.includes('secret'));
  const json = (await bulwark('sessions', 'list', 'ann', '--data', DATA, '--json')).out;
  assert.doesNotMatch(json, /[^\x20-\x7e\n]/);
  const rows = JSON.parse(json) as object[];
  assert.deepEqual(Object.keys(rows[0] ?? {}).toSorted(), [
    'address',
    'createdAt',
    'deviceBound',
    'seenAt',
    'session',
    'signedInAt',
    'userAgent',
  ]);
  assert.match((await bulwark('sessions', 'list', 'nobody', '--data', DATA)).out, /signed in nowhere/);
});

test('ends one session, then all of an account and of no other, and the log tells of both', async (t) => {
  const reference = sessionRef('a'.repeat(43));
  const log: string[] = [];
  t.mock.method(process.stderr, 'write', (text: string, done?: () => void) => {
    log.push(text);
    done?.();
    return true;
  });
  const one = await bulwark('sessions', 'revoke', 'ann', '--session', reference, '--data', DATA);
  assert.deepEqual([one.code, one.out], [0, 'Ended 1 session of ann.\n']);
  assert.ok(log.join('').includes(`"sessionRef":"${reference}"`));
  const again = await bulwark('sessions', 'revoke', 'ann', '--session', reference, '--data', DATA);
  assert.equal(again.code, 1);
  assert.match(again.err, /has no session/);
  const all = await bulwark('sessions', 'revoke', 'ann', '--data', DATA, '--json');
  assert.deepEqual(JSON.parse(all.out), { ended: 1 });
  assert.match((await bulwark('sessions', 'list', 'bob', '--data', DATA)).out, /192\.0\.2\.1/);
});

test('a folder without state, a policy that is not there and one in memory are told apart', async () => {
  const nowhere = await bulwark('sessions', 'list', 'ann', '--data', join(FOLDER, 'dat'));
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.err, /There is no state in/);
  assert.equal((await bulwark('sessions', 'list', 'ann', '--policy', join(FOLDER, 'no.mjs'))).code, 2);
  assert.equal((await bulwark('sessions', 'list', 'ann', '--policy', 'a', '--data', 'b')).code, 2);
  const file = join(FOLDER, 'memory.mjs');
  const memory = new URL('../stores/memory/state.ts', import.meta.url).href;
  writeFileSync(
    file,
    `import { memory } from '${memory}'; export default { origin: 'https://a.example.com', state: memory() };`,
  );
  const inMemory = await bulwark('sessions', 'list', 'ann', '--policy', file);
  assert.equal(inMemory.code, 1);
  assert.match(inMemory.err, /in the memory of another process/);
});

test('a report of what observe would have refused: lines, JSON, exit codes', async () => {
  const line = JSON.stringify({
    time: '2026-01-01T00:00:00.000Z',
    event: 'input_validation_fail',
    client: '192.0.2.1',
    method: 'POST',
    path: '/notes/7',
    guard: 'csrf',
    status: 403,
    details: { observed: true, site: 'cross-site\u001b[2J' },
  });
  const log = join(FOLDER, 'app.log');
  writeFileSync(log, `${line}\n${line}\nnot ours\n`);
  const { code, out } = await bulwark('gateway', 'report', log);
  assert.equal(code, 1);
  assert.match(out, /\n +2 {2}csrf {3}403 {5}POST \/notes\/\*\n.*192\.0\.2\.1 {2}site "cross-site/);
  assert.match(out, /2 events read, 2 of guards that observe; 1 lines are no events/);
  assert.ok(!out.includes('\u001b['));
  const json = await bulwark('gateway', 'report', log, '--json');
  assert.equal((JSON.parse(json.out) as { observed: number }).observed, 2);
  writeFileSync(log, `${JSON.stringify({ time: '2026-01-01T00:00:00.000Z', event: 'sys_startup' })}\n`);
  assert.equal((await bulwark('gateway', 'report', log)).code, 0);
  // Another file, or one that was rotated away, is no log in which nothing is wrong.
  writeFileSync(log, 'not ours\n');
  assert.equal((await bulwark('gateway', 'report', log)).code, 2);
  assert.equal((await bulwark('gateway', 'report', join(FOLDER, 'no.log'))).code, 2);
  assert.equal((await bulwark('gateway', 'report', log, '--top', 'x')).code, 2);
  const [kept, err] = [new Kept(), new Kept()];
  const command = new Command('report').exitOverride();
  defineReport(command, { out: kept, err }, Readable.from([`${line}\n`]));
  await assert.rejects(command.parseAsync(['-'], { from: 'user' }), AnsweredNo);
  assert.match(kept.text, /1 events read/);
});
