import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeVisit } from '../../../test/support/second-factors.ts';
import { START } from '../../../test/support/sessions.ts';
import { type AttemptGoal, beginAttempt, type OidcVisit, takeAttempt } from './attempts.ts';

const GOAL: AttemptGoal = { provider: 'home', purpose: 'link', account: 'ann', next: '/notes' };
const TTL = 600_000;

/** A session whose values a test can look at and spoil. */
class Slots {
  readonly values = new Map<string, unknown>();
  readonly visit: OidcVisit;

  constructor(clock: () => number = () => START) {
    const { values } = this;
    const { audit, session } = new FakeVisit(clock);
    this.visit = {
      audit,
      session: {
        ...session,
        principal: undefined,
        get: (key) => values.get(key),
        set: async (key, value) => void values.set(key, structuredClone(value)),
        delete: async (key) => void values.delete(key),
      },
    };
  }
}

test('gives an attempt back as it was begun, once', async () => {
  const { visit, values } = new Slots();
  const { state, ...begun } = await beginAttempt(visit, GOAL, START, TTL);
  const taken = await takeAttempt(visit, state, START + TTL - 1);
  const { provider, purpose, account, next, begunAt, nonce, verifier } = taken ?? {};
  assert.deepEqual({ provider, purpose, account, next, begunAt, nonce, verifier }, begun);
  assert.equal(values.size, 0);
  assert.equal(await takeAttempt(visit, state, START), undefined);
});

test('the verifier has the length of RFC 7636, and the store has no state', async () => {
  const { visit, values } = new Slots();
  const { state, verifier, nonce } = await beginAttempt(visit, GOAL, START, TTL);
  assert.match(verifier, /^[\w-]{43}$/);
  assert.match(nonce, /^[\w-]{32}$/);
  assert.ok(!JSON.stringify([...values]).includes(state));
});

test('keeps five, and the newest of them', async () => {
  const { visit, values } = new Slots();
  const states: string[] = [];
  for (let index = 0; index < 20; index += 1) {
    states.push((await beginAttempt(visit, GOAL, START + index, TTL)).state);
  }
  assert.equal(values.size, 5);
  for (const [index, state] of states.entries()) {
    const taken = await takeAttempt(visit, state, START + 20);
    assert.equal(taken !== undefined, index >= 15);
  }
});

test('an attempt that is over makes room before one that is not', async () => {
  const { visit, values } = new Slots();
  const short = await beginAttempt(visit, GOAL, START, 1000);
  const kept: string[] = [];
  for (let index = 0; index < 5; index += 1) {
    kept.push((await beginAttempt(visit, GOAL, START + 2000 - index, TTL)).state);
  }
  assert.equal(values.size, 5);
  assert.equal(await takeAttempt(visit, short.state, START + 500), undefined);
  for (const state of kept) assert.ok(await takeAttempt(visit, state, START + 3000));
});

test('the token decides: what someone has put back into the session opens nothing', async () => {
  const { visit, values } = new Slots();
  const { state } = await beginAttempt(visit, GOAL, START, TTL);
  const before = [...values];
  assert.ok(await takeAttempt(visit, state, START));
  for (const [slot, value] of before) values.set(slot, value);
  assert.equal(await takeAttempt(visit, state, START), undefined);
});

test('an attempt that was made one of another provider, purpose or account opens nothing', async () => {
  for (const change of [{ provider: 'other' }, { purpose: 'sign-in' }, { account: 'bob' }]) {
    const { visit, values } = new Slots();
    const { state } = await beginAttempt(visit, GOAL, START, TTL);
    for (const [slot, value] of values) values.set(slot, { ...(value as object), ...change });
    assert.equal(await takeAttempt(visit, state, START), undefined);
  }
});

test('what the application has put into a slot is no attempt, and is no harm', async () => {
  const { visit, values } = new Slots();
  for (let index = 0; index < 5; index += 1) {
    values.set(`bulwark.oidc.${index}`, ['a text', 7, null, [], { state: 7 }][index]);
  }
  assert.equal(await takeAttempt(visit, 'anything', START), undefined);
  const { state } = await beginAttempt(visit, GOAL, START, TTL);
  assert.ok(await takeAttempt(visit, state, START));
});
