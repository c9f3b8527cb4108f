import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sqlite } from '../../stores/sqlite/state.ts';
import { FakeBrowser, FakeSite, START } from '../../../test/support/sessions.ts';
import { hashSessionId } from './session-cookie.ts';

test('no session id and no token lies in the store, in any row or file (past failure 29)', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-dump-'));
  const state = sqlite(directory);
  const site = new FakeSite(state.sessions);
  const secrets: string[] = [];
  const browser = new FakeBrowser(site);
  const acts = [
    async (): Promise<unknown> => browser.visit((its) => its.set('cart', 1)),
    async (): Promise<unknown> => browser.visit((its) => its.signIn({ account: 'ann' })),
    async (): Promise<unknown> => browser.visit((its) => its.renew({ mfa: true })),
    async (): Promise<unknown> =>
      browser.visit(async (its) => secrets.push(await its.issueToken('transfer', 60_000))),
  ];
  for (const act of acts) {
    await act();
    secrets.push(browser.id ?? '');
  }
  assert.equal(new Set(secrets).size, 4);
  const bytes = readdirSync(directory).map((name) => readFileSync(join(directory, name)).toString('latin1'));
  const db = new DatabaseSync(join(directory, 'bulwark.db'), { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const rows = tables.map(({ name }) => JSON.stringify(db.prepare(`SELECT * FROM ${String(name)}`).all()));
  db.close();
  const dump = [...bytes, ...rows, JSON.stringify(site.events)].join('\n');
  // What must be there shows that the dump is one.
  assert.ok(dump.includes(hashSessionId(browser.id ?? '')));
  for (const secret of secrets) {
    assert.match(secret, /^[\w-]{32}$/);
    assert.ok(!dump.includes(secret));
  }
  await state.close();
  rmSync(directory, { recursive: true });
});

test('v5.0.0-7.4.5 an operator lists and ends the sessions of any account, outside a request', async () => {
  const site = new FakeSite();
  const browsers = [new FakeBrowser(site), new FakeBrowser(site), new FakeBrowser(site)];
  for (const browser of browsers) await browser.visit((its) => its.signIn({ account: 'ann' }));
  const list = await site.sessions.list('ann');
  assert.equal(list.length, 3);
  assert.ok(!('data' in (list[0] ?? {})));
  assert.equal(await site.sessions.revoke(list[0]?.idHash ?? ''), true);
  assert.equal(await site.sessions.revoke(list[0]?.idHash ?? ''), false);
  assert.equal(await site.sessions.revokeAccount('ann', list[1]?.idHash), 1);
  assert.equal(await site.sessions.revokeAccount('ann'), 1);
  assert.deepEqual(await site.sessions.list('ann'), []);
});

test('counts what it ended, so that requests under way look again', async () => {
  const site = new FakeSite();
  const browser = new FakeBrowser(site);
  const counts: number[] = [];
  const note = (): number => counts.push(site.sessions.revocations);
  await browser.visit((its) => its.signIn({ account: 'ann' }));
  note();
  await browser.visit((its) => its.renew());
  note();
  await browser.visit((its) => its.signOut());
  note();
  await site.sessions.revokeAccount('ann');
  note();
  assert.deepEqual(counts, [0, 1, 2, 3]);
});

test('notes each beginning, renewal and end once, with the account and no session id', async () => {
  const site = new FakeSite();
  const browser = new FakeBrowser(site);
  const ids: (string | undefined)[] = [];
  for (const change of ['signIn', 'renew', 'signOut'] as const) {
    await browser.visit(async (its) =>
      change === 'signIn' ? its.signIn({ account: 'ann' }) : its[change](),
    );
    ids.push(browser.id);
  }
  const seen = site.events.map(({ event, details }) => [event, details.account, details.reason]);
  assert.deepEqual(seen, [
    ['session_created', 'ann', undefined],
    ['session_renewed', 'ann', undefined],
    ['session_expired', 'ann', 'signed out'],
  ]);
  for (const id of ids) if (id !== undefined) assert.ok(!JSON.stringify(site.events).includes(id));
});

test('cuts an endless user agent, and makes text of a broken one', async () => {
  const site = new FakeSite();
  const headers = { 'user-agent': `${'x'.repeat(255)}\u{1f600}${'y'.repeat(10_000)}` };
  await new FakeBrowser(site).visit((its) => its.signIn({ account: 'ann' }), { headers });
  const [one] = await site.sessions.list('ann', START);
  assert.equal(one?.userAgent, `${'x'.repeat(255)}\ufffd`);
});

test('two processes on one file: what one ends is over for the other', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-two-'));
  const states = [sqlite(directory), sqlite(directory)];
  const [here, there] = states.map((state) => new FakeSite(state.sessions));
  assert.ok(here !== undefined && there !== undefined);
  const browser = new FakeBrowser(here);
  await browser.visit((its) => its.signIn({ account: 'ann' }));
  const held = await browser.visit(async () => {
    await there.sessions.revokeAccount('ann');
    here.now += 51;
  });
  assert.equal(held.status, 401);
  assert.deepEqual(await here.sessions.list('ann'), []);
  for (const state of states) await state.close();
  rmSync(directory, { recursive: true });
});
