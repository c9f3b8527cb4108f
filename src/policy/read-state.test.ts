import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Problems } from '../core/problems.ts';
import { memory } from '../stores/memory/state.ts';
import type { State } from '../stores/ports/state.ts';
import { sqlite } from '../stores/sqlite/state.ts';
import { sketchSession } from '../testing/conformance/support.ts';
import { readState } from './read-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulwark-read-state-'));
const file = sqlite(folder);
after(async () => {
  await file.close();
  rmSync(folder, { recursive: true });
});

/** A store of sessions and counters alone, as Redis is. */
const { factors: _factors, accounts: _accounts, ...bare } = memory();
const networked: State = { ...bare, reach: 'network' };

/** The codes and options that a state is refused for. */
function refusals(given: unknown, isWorker = false): string[] {
  const problems = new Problems('production');
  readState(given, isWorker, problems);
  for (const { reason, fix } of problems.errors) assert.ok(reason !== '' && fix !== '');
  return problems.errors.map(({ code, option }) => `${code} ${option}`);
}

/** The reason of the first refusal. */
function reasonOf(given: unknown): string {
  const problems = new Problems('production');
  readState(given, false, problems);
  return problems.errors[0]?.reason ?? '';
}

function read(given: unknown): State | undefined {
  const problems = new Problems('production');
  const state = readState(given, false, problems);
  problems.throwIfAny();
  return state;
}

test('one store is taken as it is, and none is none', () => {
  assert.equal(read(file), file);
  assert.equal(read(networked), networked);
  assert.equal(read(undefined), undefined);
});

test('a state in two places is one state to everyone else', () => {
  const state = read({ shared: networked, records: file });
  assert.equal(state?.sessions, networked.sessions);
  assert.equal(state?.counters, networked.counters);
  assert.equal(state?.factors, file.factors);
  assert.equal(state?.reach, 'network');
});

test('the same store in both places is fine', () => {
  assert.equal(read({ shared: file, records: file }), file);
});

test('takes accounts without second factors, and either from the records alone', () => {
  const { accounts } = memory();
  const state = read({ shared: file, records: { ...networked, accounts } });
  assert.equal(state?.accounts, accounts);
  assert.equal(state?.factors, undefined);
});

test('a store that lacks a method is refused, and the method is named', () => {
  const lame = { ...bare.sessions, revoke: undefined };
  assert.deepEqual(refusals({ ...bare, sessions: lame }), ['ERR_BULWARK_INVALID_OPTION state']);
  assert.match(reasonOf({ ...bare, sessions: lame }), /no sessions\.revoke/);
});

test('what goes into a store of someone else is checked', async () => {
  const kept: unknown[] = [];
  const own = { ...bare.sessions, create: (record: unknown) => void kept.push(record) };
  const { sessions } = read({ ...bare, sessions: own }) as State;
  await assert.rejects(async () => sessions.create(sketchSession('a', { account: 'x\ud800' })), /surrogate/);
  assert.deepEqual(await sessions.list('x\ud800', 0), []);
  await sessions.create(sketchSession('a'));
  assert.deepEqual(kept, [sketchSession('a')]);
});

test('refuses records that keep neither second factors nor accounts', () => {
  assert.deepEqual(refusals({ shared: file, records: networked }), [
    'ERR_BULWARK_INVALID_OPTION state.records',
  ]);
  assert.match(reasonOf({ shared: file, records: networked }), /neither second factors nor accounts/);
});

test('refuses a place that is misspelt, and one that is missing', () => {
  assert.deepEqual(refusals({ shared: file, record: file }), [
    'ERR_BULWARK_UNKNOWN_OPTION state.record',
    'ERR_BULWARK_INVALID_OPTION state.records',
  ]);
  assert.deepEqual(refusals({ share: file, records: file }), [
    'ERR_BULWARK_UNKNOWN_OPTION state.share',
    'ERR_BULWARK_INVALID_OPTION state.shared',
  ]);
  assert.deepEqual(refusals({ shared: file, records: file, audit: file }), [
    'ERR_BULWARK_UNKNOWN_OPTION state.audit',
  ]);
  assert.deepEqual(refusals({ shared: file }), ['ERR_BULWARK_INVALID_OPTION state.records']);
});

test('refuses a store with a place beside what it keeps: one of them would be ignored', () => {
  assert.deepEqual(
    refusals({ ...networked, records: file }).filter((one) => one.includes('UNKNOWN')).length,
    Object.keys(networked).length,
  );
});

test('refuses what is no store, in either place and by itself', () => {
  for (const bad of [null, {}, [], 'redis://127.0.0.1', 5, { sessions: {} }, () => file]) {
    assert.deepEqual(refusals(bad), ['ERR_BULWARK_INVALID_OPTION state']);
    assert.deepEqual(refusals({ shared: bad, records: bad }), [
      'ERR_BULWARK_INVALID_OPTION state.shared',
      'ERR_BULWARK_INVALID_OPTION state.records',
    ]);
  }
});

test('says that a store has to be awaited where it is the promise of one', () => {
  const opening = Promise.resolve(networked);
  for (const given of [opening, { shared: opening, records: file }, { shared: file, records: opening }]) {
    assert.match(reasonOf(given), /has to be awaited/);
  }
});

test('refuses memory in either place where there is more than one process (past failure 6)', () => {
  const one = 'ERR_BULWARK_STATE_NOT_SHARED';
  assert.deepEqual(refusals(memory(), true), [`${one} state`]);
  assert.deepEqual(refusals({ shared: memory(), records: file }, true), [`${one} state.shared`]);
  assert.deepEqual(refusals({ shared: file, records: memory() }, true), [`${one} state.records`]);
  assert.deepEqual(refusals({ shared: networked, records: file }, true), []);
  assert.deepEqual(refusals({ shared: memory(), records: memory() }), []);
});
