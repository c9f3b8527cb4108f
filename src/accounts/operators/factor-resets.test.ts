import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, type Person } from '../../../test/support/accounts.ts';
import { furnishFactors, machineOf, operatorAt } from '../../../test/support/operators.ts';
import type { AskVerdict } from './factor-resets.ts';

const EMAIL = 'ann@example.com';
const REASON = 'called back on the number in the contract';
const HOUR = 3_600_000;

interface Scene {
  readonly site: FakeAccounts;
  /** Whose second factors are to go, and their browser. */
  readonly owner: Person;
  readonly id: string;
  readonly one: Person;
  readonly two: Person;
  readonly operators: readonly [string, string];
}

async function scene(site = new FakeAccounts()): Promise<Scene> {
  const { person, account } = await site.member(EMAIL);
  await furnishFactors(site, account.id);
  const [one, two] = [await operatorAt(site, 'one@example.com'), await operatorAt(site, 'two@example.com')];
  await site.accounts.settled();
  site.mails.length = 0;
  const operators = [one.account.id, two.account.id] as const;
  return { site, owner: person, id: account.id, one: one.person, two: two.person, operators };
}

const ask = async ({ site, id }: Scene, person: Person, reason = REASON): Promise<AskVerdict> =>
  await person.visit((visit) => site.accounts.operators.resets.ask(visit, id, reason));

async function requestOf(on: Scene): Promise<string> {
  const asked = await ask(on, on.one);
  assert.ok(asked.ok);
  return asked.request;
}

const confirm = async ({ site }: Scene, person: Person, request: string): Promise<unknown> =>
  await person.visit((visit) => site.accounts.operators.resets.confirm(visit, request));

async function hasFactor({ site, id }: Scene): Promise<boolean> {
  return (await site.accounts.factors.overview(id)).secondFactor;
}

const no = (reason: string): object => ({ ok: false, reason });

const actsOf = ({ site }: Scene): readonly object[] =>
  site.events.filter(({ event }) => event === 'authz_admin').map(({ details }) => details);

test('v5.0.0-2.3.5 (in part) v5.0.0-6.3.7 (in part) a reset takes two operators: both are in the event, and the owner hears of it twice', async () => {
  const on = await scene();
  const { site, owner, id, one, two, operators } = on;
  const request = await requestOf(on);
  assert.deepEqual(await confirm(on, one, request), no('same'));
  assert.ok(await hasFactor(on));
  assert.equal(await owner.who(), id);
  assert.deepEqual(await confirm(on, two, request), { ok: true, account: id });
  assert.ok(!(await hasFactor(on)));
  assert.equal((await site.accounts.factors.overview(id)).recoveryCodesLeft, 0);
  assert.equal(await owner.who(), undefined);
  // By the password alone again, until a factor is added.
  assert.equal(await owner.signIn(EMAIL), 'signed in');
  await site.accounts.settled();
  assert.deepEqual(
    site.mails.map(({ to, subject }) => [to, subject]),
    [
      [EMAIL, 'Your second factors are about to be removed (Example)'],
      [EMAIL, 'Your second factors were removed (Example)'],
    ],
  );
  const [by, second] = operators;
  const both = { account: id, askedBy: by, request, reason: REASON };
  assert.deepEqual(actsOf(on), [
    { operator: by, act: 'ask-reset-factors', ...both },
    { operator: by, act: 'reset-factors', account: id, refused: 'same' },
    { operator: second, act: 'reset-factors', ...both },
  ]);
});

test('a request works once, until its end, and not after it was taken back', async () => {
  const on = await scene();
  const { site, id, two } = on;
  const used = await requestOf(on);
  assert.deepEqual(await ask(on, two), no('waiting'));
  assert.deepEqual(await confirm(on, two, used), { ok: true, account: id });
  assert.deepEqual(await confirm(on, two, used), no('over'));
  assert.deepEqual(await ask(on, two), no('none'));
  await furnishFactors(site, id);
  const late = await requestOf(on);
  site.now += 4 * HOUR;
  // Whoever is still at work has proved it anew meanwhile.
  const fresh = await operatorAt(site, 'three@example.com');
  assert.deepEqual(await confirm(on, fresh.person, late), no('over'));
  const again = await fresh.person.visit((visit) => site.accounts.operators.resets.ask(visit, id, REASON));
  assert.ok(again.ok);
  const { resets } = site.accounts.operators;
  assert.deepEqual(
    (await resets.waiting()).map(({ email, askedByEmail, reason }) => [email, askedByEmail, reason]),
    [[EMAIL, 'three@example.com', REASON]],
  );
  const withdraw = async (): Promise<unknown> =>
    await fresh.person.visit((visit) => resets.withdraw(visit, again.request));
  assert.deepEqual(await withdraw(), { ok: true, account: id });
  assert.deepEqual(await withdraw(), no('over'));
  assert.deepEqual(await resets.waiting(), []);
  assert.ok(await hasFactor(on));
});

test('a wish of an owner is no request: nobody confirms, withdraws or finds it, nor a removal that has begun', async () => {
  const site = new FakeAccounts({
    deleteAfter: '7d',
    onDelete: () => {
      throw new Error('no disk today');
    },
  });
  const on = await scene(site);
  const { id, owner, two } = on;
  const { resets } = site.accounts.operators;
  const record = await site.state.accounts?.find(id);
  assert.ok(record);
  const asked = await owner.visit(async (visit) => site.accounts.deletion?.ask(visit, record));
  assert.ok(asked?.ok);
  const opens = async (by: Person, begun: boolean): Promise<void> => {
    for (const request of [`delete-account/${id}`, `remove-account/${id}`]) {
      assert.equal(await resets.find(request), undefined);
      assert.deepEqual(await confirm(on, by, request), no('over'));
      assert.deepEqual(await by.visit((visit) => resets.withdraw(visit, request)), no('over'));
    }
    assert.deepEqual(await resets.waiting(), []);
    assert.ok(await hasFactor(on));
    assert.deepEqual(await site.accounts.deletion?.pending(id), { at: asked.at, begun });
  };
  await opens(two, false);
  site.now += 7 * 24 * HOUR;
  await site.accounts.deletion?.run();
  const fresh = await operatorAt(site, 'three@example.com');
  await opens(fresh.person, true);
});

test('wishes of owners fill no page of what waits for an operator', async () => {
  const on = await scene(new FakeAccounts({ deleteAfter: '7d' }));
  const { accounts } = on.site.state;
  const request = await requestOf(on);
  for (let index = 0; index < 60; index += 1) {
    const account = `owner ${index}`;
    await accounts?.create({
      ...(await accounts.find(on.id))!,
      id: account,
      email: account,
      emailKey: account,
    });
    const wish = { act: 'delete-account', account, askedBy: account, askedAt: on.site.now, expiresAt: 9e15 };
    // Before any random id.
    await accounts?.actRequests.ask({ ...wish, id: `!${index}`, reason: '9000000000000000' }, on.site.now);
  }
  assert.deepEqual(
    (await on.site.accounts.operators.resets.waiting()).map(({ id }) => id),
    [request],
  );
});

test('nobody has a part in it whose account it is, who is no operator, or who proved no second factor', async () => {
  const on = await scene();
  const { site, owner, two, operators } = on;
  const weak = await operatorAt(site, 'weak@example.com', false);
  assert.deepEqual(await ask(on, owner), no('operator'));
  assert.deepEqual(await ask(on, weak.person), no('factor'));
  const request = await requestOf(on);
  assert.deepEqual(await confirm(on, owner, request), no('operator'));
  assert.deepEqual(await confirm(on, weak.person, request), no('factor'));
  assert.ok(await hasFactor(on));
  await furnishFactors(site, operators[1]);
  const own = { ...on, id: operators[1] };
  assert.deepEqual(await ask(own, two), no('own'));
  const about = await requestOf(own);
  assert.deepEqual(await confirm(own, two, about), no('own'));
  assert.ok(await hasFactor(own));
});

test('what an operator asked for who is none any more is not confirmed', async () => {
  const on = await scene();
  const { site, two, operators } = on;
  const request = await requestOf(on);
  await two.visit((visit) => site.accounts.operators.acts.disable(visit, operators[0]));
  assert.deepEqual(await confirm(on, two, request), no('asker'));
  assert.ok(await hasFactor(on));
});

test('v5.0.0-15.4.2 (in part) of two processes that confirm at once one does, and the owner hears of it once', async () => {
  const on = await scene();
  const { site, id, two } = on;
  const other = new FakeAccounts({}, site.state);
  const three = await operatorAt(other, 'three@example.com');
  const request = await requestOf(on);
  const verdicts = await Promise.all([
    confirm(on, two, request),
    three.person.visit((visit) => other.accounts.operators.resets.confirm(visit, request)),
  ]);
  const [done, over] = verdicts.toSorted((a) => ((a as { ok: boolean }).ok ? -1 : 1));
  assert.deepEqual([done, over], [{ ok: true, account: id }, no('over')]);
  await Promise.all([site.accounts.settled(), other.accounts.settled()]);
  const told = [...site.mails, ...other.mails].filter(({ subject }) => subject.includes('were removed'));
  assert.equal(told.length, 1);
});

test('at the command line one word is enough, and only there', async () => {
  const on = await scene();
  const { site, id, two } = on;
  const { resets } = site.accounts.operators;
  assert.deepEqual(await two.visit((visit) => resets.resetNow(visit, id)), no('machine'));
  assert.ok(await hasFactor(on));
  assert.deepEqual(await resets.ask(machineOf(site), id, REASON), no('operator'));
  assert.deepEqual(await resets.resetNow(machineOf(site), id), { ok: true, account: id });
  assert.ok(!(await hasFactor(on)));
  assert.deepEqual(await resets.resetNow(machineOf(site), id), no('none'));
  await site.accounts.settled();
  assert.equal(site.mails.length, 1);
  assert.deepEqual(actsOf(on).at(-1), {
    operator: 'command line, ops',
    act: 'reset-factors',
    account: id,
  });
});

test('where the store of factors fails nobody is told of a reset that was none, and the request waits again', async () => {
  const on = await scene();
  const { site, owner, id, one, two, operators } = on;
  const request = await requestOf(on);
  await site.accounts.settled();
  site.mails.length = 0;
  const { factors } = site.state;
  const removeAccount = factors?.removeAccount.bind(factors) ?? assert.fail();
  Object.assign(factors ?? {}, {
    removeAccount: () => {
      throw new Error('the factors are gone');
    },
  });
  await assert.rejects(confirm(on, two, request), /the factors are gone/);
  await site.accounts.settled();
  assert.ok(await hasFactor(on));
  assert.equal(await owner.who(), id);
  assert.deepEqual(site.mails, []);
  const [by, second] = operators;
  const about = { operator: second, act: 'reset-factors', account: id, askedBy: by, request, reason: REASON };
  assert.deepEqual(actsOf(on).slice(1), [{ ...about, failed: true }]);
  Object.assign(factors ?? {}, { removeAccount });
  assert.deepEqual(await confirm(on, one, request), no('same'));
  assert.deepEqual(await confirm(on, two, request), { ok: true, account: id });
  assert.deepEqual(actsOf(on).at(-1), about);
  await site.accounts.settled();
  assert.equal(site.mails.length, 1);
});

test('a request is taken back by operators alone who proved a second factor, and what others tried is an event', async () => {
  const on = await scene();
  const { site, owner, id, two, operators } = on;
  const request = await requestOf(on);
  const weak = await operatorAt(site, 'weak@example.com', false);
  const withdraw = async (person: Person): Promise<unknown> =>
    await person.visit((visit) => site.accounts.operators.resets.withdraw(visit, request));
  assert.deepEqual(await withdraw(owner), no('operator'));
  assert.deepEqual(await withdraw(weak.person), no('factor'));
  assert.equal((await site.accounts.operators.resets.waiting()).length, 1);
  const act = 'withdraw-reset-factors';
  assert.deepEqual(actsOf(on).slice(1), [
    { operator: id, act, account: id, refused: 'operator' },
    { operator: weak.account.id, act, account: id, refused: 'factor' },
  ]);
  // Who is about to lose theirs may say no to it, and so may whoever asked.
  assert.deepEqual(await withdraw(two), { ok: true, account: id });
  const own = { ...on, id: operators[1] };
  await furnishFactors(site, operators[1]);
  const about = await requestOf(own);
  assert.deepEqual(await two.visit((visit) => site.accounts.operators.resets.withdraw(visit, about)), {
    ok: true,
    account: operators[1],
  });
});

test('where sessions cannot be ended the factors are gone all the same, the owner is told, and the error is not hidden', async () => {
  const on = await scene();
  const { site, two } = on;
  const request = await requestOf(on);
  let isDown = false;
  const { sessions } = site.state;
  const revokeAccount = sessions.revokeAccount.bind(sessions);
  sessions.revokeAccount = (...given) => {
    if (isDown) throw new Error('the sessions are gone');
    return revokeAccount(...given);
  };
  isDown = true;
  await assert.rejects(confirm(on, two, request), /the sessions are gone/);
  isDown = false;
  assert.ok(!(await hasFactor(on)));
  await site.accounts.settled();
  assert.ok(site.mails.some(({ subject }) => subject.includes('were removed')));
  assert.deepEqual(await confirm(on, two, request), no('over'));
});
