import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD, type Person } from '../../../test/support/accounts.ts';
import { furnishFactors, machineOf, operatorAt } from '../../../test/support/operators.ts';
import { hasCode } from '../../../test/support/sessions.ts';
import { sessionRef } from '../../core/session-ref.ts';
import type { SignInVerdict } from '../flows/sign-in.ts';
import type { OperatorActs } from './operator-acts.ts';

const EMAIL = 'ann@example.com';
const OPS = 'ops@example.com';

/** What the log has of acts. */
function actsOf({ events }: FakeAccounts): readonly object[] {
  return events.filter(({ event }) => event === 'authz_admin').map(({ details }) => details);
}

function actsBy(
  site: FakeAccounts,
  person: Person,
): { readonly [Name in 'signOut' | 'disable' | 'enable']: (id: string) => Promise<unknown> } {
  const { acts } = site.accounts.operators;
  return {
    signOut: (id) => person.visit((visit) => acts.signOut(visit, id)),
    disable: (id) => person.visit((visit) => acts.disable(visit, id)),
    enable: (id) => person.visit((visit) => acts.enable(visit, id)),
  };
}

test('v5.0.0-7.4.2 who is disabled is out at once, their password is answered like a wrong one, and no old proof of an operator does or undoes it', async () => {
  const site = new FakeAccounts({}, undefined, { scopes: ['notes:read'] });
  const { person, account } = await site.member(EMAIL);
  const { person: ops, account: operator } = await operatorAt(site, OPS);
  const wrong = await tryAt(site, 'not this one, surely');
  const { disable, enable } = actsBy(site, ops);
  assert.deepEqual(await disable(account.id), { ok: true });
  assert.equal(await person.who(), undefined);
  assert.deepEqual(await tryAt(site, PASSWORD), wrong);
  // A second factor of twenty minutes ago is not enough for whoever found the screen.
  site.now += 600_000;
  assert.deepEqual(await enable(account.id), { ok: false, reason: 'factor' });
  await ops.visit(({ session }) => session.renew({ signedIn: true }));
  assert.deepEqual(await enable(account.id), { ok: false, reason: 'factor' });
  await ops.visit(({ session }) => session.renew({ mfa: true }));
  assert.deepEqual(await disable(account.id), { ok: false, reason: 'already' });
  assert.deepEqual(await enable(account.id), { ok: true });
  assert.deepEqual(await enable(account.id), { ok: false, reason: 'already' });
  assert.equal(await person.signIn(EMAIL), 'signed in');
  const { id } = operator;
  assert.deepEqual(actsOf(site), [
    { operator: id, act: 'disable', account: account.id, role: undefined },
    { operator: id, act: 'enable', account: account.id, refused: 'factor' },
    { operator: id, act: 'enable', account: account.id, refused: 'factor' },
    { operator: id, act: 'enable', account: account.id, role: undefined },
  ]);
  assert.deepEqual(await disable('nobody'), { ok: false, reason: 'account' });
});

test('v5.0.0-8.3.1 (in part) nobody acts but an operator whose role is stored at this moment, whatever their session says', async () => {
  const site = new FakeAccounts();
  const { account } = await site.member(EMAIL);
  const { account: ops } = await operatorAt(site, OPS);
  const stranger = site.person();
  const member = site.person();
  assert.equal(await member.signIn(EMAIL), 'signed in');
  // A session that kept the role of an account which has lost it.
  const former = site.person();
  await former.visit(({ session }) =>
    session.signIn({ account: account.id, roles: ['operator'], mfa: true }),
  );
  for (const person of [stranger, member, former]) {
    for (const act of Object.values(actsBy(site, person)))
      assert.deepEqual(await act(ops.id), { ok: false, reason: 'operator' });
  }
  assert.equal((await site.accounts.find(ops.id))?.disabled, false);
  assert.deepEqual(actsOf(site)[0], {
    operator: 'nobody',
    act: 'sign-out',
    account: ops.id,
    refused: 'operator',
  });
  assert.equal(actsOf(site).length, 9);
});

test('an operator disables nobody by a session that was ended elsewhere, and never their own account', async () => {
  const site = new FakeAccounts();
  const { account } = await site.member(EMAIL);
  const { person, account: ops } = await operatorAt(site, OPS);
  assert.deepEqual(await actsBy(site, person).disable(ops.id), { ok: false, reason: 'own' });
  const attempt = person.visit(async (visit) => {
    await site.site.sessions.revokeAccount(ops.id);
    return await site.accounts.operators.acts.disable(visit, account.id);
  });
  await assert.rejects(attempt, hasCode('ERR_BULWARK_SESSION_OVER'));
  assert.equal((await site.accounts.find(account.id))?.disabled, false);
});

test('v5.0.0-15.4.2 (in part) of two processes that disable one account at once one does, and one event says so', async () => {
  const one = new FakeAccounts();
  const two = new FakeAccounts({}, one.state);
  const { account } = await one.member(EMAIL);
  const first = await operatorAt(one, OPS);
  const second = await operatorAt(two, 'ops2@example.com');
  const verdicts = await Promise.all([
    actsBy(one, first.person).disable(account.id),
    actsBy(two, second.person).disable(account.id),
  ]);
  assert.deepEqual(verdicts.filter((verdict) => (verdict as { ok: boolean }).ok).length, 1);
  assert.ok(verdicts.some((verdict) => (verdict as { reason?: string }).reason === 'already'));
  assert.equal(actsOf(one).length + actsOf(two).length, 1);
});

test('v5.0.0-7.4.5 an operator signs an account out everywhere, or ends one session of it', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const other = site.person('203.0.113.7');
  assert.equal(await other.signIn(EMAIL), 'signed in');
  const ops = await operatorAt(site, OPS);
  const { acts, accounts } = site.accounts.operators;
  const reference = sessionRef(await other.visit(({ session }) => session.idHash ?? ''));
  const end = async (): Promise<unknown> =>
    await ops.person.visit((visit) => acts.endSession(visit, account.id, reference));
  assert.deepEqual(await end(), { ok: true });
  assert.deepEqual(await end(), { ok: false, reason: 'already' });
  assert.deepEqual([await other.who(), await person.who()], [undefined, account.id]);
  assert.equal((await accounts.look(account.id))?.sessions.length, 1);
  assert.deepEqual(await actsBy(site, ops.person).signOut(account.id), { ok: true });
  assert.equal(await person.who(), undefined);
  assert.deepEqual((await accounts.look(account.id))?.sessions, []);
  assert.deepEqual(
    actsOf(site).map((act) => (act as { act: string }).act),
    ['end-session', 'sign-out'],
  );
});

test('a browser that needed no second factor needs it again once an operator has signed it out', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  await furnishFactors(site, account.id);
  const { rememberedBrowsers } = site.accounts.factors;
  await person.visit((visit) => rememberedBrowsers.remember(visit, account.id, 'a browser', undefined));
  assert.equal((await rememberedBrowsers.list(account.id)).length, 1);
  const ops = await operatorAt(site, OPS);
  await actsBy(site, ops.person).signOut(account.id);
  assert.equal((await rememberedBrowsers.list(account.id)).length, 0);
});

test('roles are given and taken at the command line alone: nobody makes their own second operator', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const ops = await operatorAt(site, OPS);
  const { acts } = site.accounts.operators;
  const grant = (visit: Parameters<OperatorActs['grantRole']>[0]): Promise<unknown> =>
    acts.grantRole(visit, account.id, 'operator');
  assert.deepEqual(await ops.person.visit(grant), { ok: false, reason: 'machine' });
  assert.deepEqual((await site.accounts.find(account.id))?.roles, []);
  assert.deepEqual(await grant(machineOf(site)), { ok: true });
  assert.deepEqual(await grant(machineOf(site)), { ok: false, reason: 'already' });
  assert.equal(await person.who(), undefined);
  assert.deepEqual((await site.accounts.find(account.id))?.roles, ['operator']);
  assert.deepEqual(await acts.revokeRole(machineOf(site), account.id, 'operator'), { ok: true });
  assert.deepEqual((await site.accounts.find(account.id))?.roles, []);
  assert.deepEqual(actsOf(site)[0], {
    operator: 'command line, ops',
    act: 'grant-role',
    account: account.id,
    role: 'operator',
  });
});

/** What a stranger is told who tries a password. */
async function tryAt(site: FakeAccounts, password: string): Promise<SignInVerdict> {
  site.now += 600_000;
  return await site
    .person('198.51.100.9')
    .visit((visit) => site.accounts.signIn.withPassword(visit, { email: EMAIL, password }));
}
