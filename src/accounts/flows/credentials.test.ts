import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD, type Person } from '../../../test/support/accounts.ts';
import { hasCode } from '../../../test/support/sessions.ts';
import { StoreDownError } from '../../core/errors.ts';
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import { Passwords } from '../../identity/passwords/passwords.ts';
import { memory } from '../../stores/memory/state.ts';
import type { SessionStore } from '../../stores/ports/sessions.ts';
import type { State } from '../../stores/ports/state.ts';
import type { AccountVisit } from '../context.ts';
import type { ChangeVerdict } from './credentials.ts';

const EMAIL = 'ann@example.com';
const NEW = 'some other five words instead';
const WRONG = 'not this one, surely';
const MINUTE = 60_000;

test('v5.0.0-6.2.2 v5.0.0-6.3.7 v5.0.0-7.4.3 a new password ends other sessions, takes a new id for the own one, and is told to the owner', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  const thief = site.person('203.0.113.7');
  assert.equal(await thief.signIn(EMAIL), 'signed in');
  await site.accounts.settled();
  site.mails.length = 0;
  const before = person.sessionId;
  assert.deepEqual(await changePassword(site, person), { ok: true });
  assert.notEqual(person.sessionId, before);
  assert.equal(await thief.who(), undefined);
  await site.accounts.settled();
  assert.deepEqual(
    site.mails.map(({ subject }) => subject),
    ['Your password was changed (Example)'],
  );
});

test('whose session was ended elsewhere changes nothing with a request that is still open', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const thief = site.person('203.0.113.7');
  assert.equal(await thief.signIn(EMAIL), 'signed in');
  const attempt = thief.visit(async (visit) => {
    const own = await ownOf(site, visit);
    assert.equal(visit.session.principal?.account, account.id);
    await person.visit(({ session }) => session.revokeOthers());
    const passwordHash = await new Passwords().hash('a password of the thief');
    return await site.accounts.credentials.change(visit, own, { passwordHash }, 'password-changed');
  });
  await assert.rejects(attempt, hasCode('ERR_BULWARK_SESSION_OVER'));
  assert.equal(await site.person().signIn(EMAIL), 'signed in');
});

test('a session that ends while its password is changed keeps nobody from being told', async () => {
  const state = memory();
  let onRevoke: (() => void) | undefined;
  const site = new FakeAccounts({}, withSessions(state, { revokeAccount: () => onRevoke?.() }));
  const { person } = await site.member(EMAIL);
  await site.accounts.settled();
  site.mails.length = 0;
  const own = await person.visit(({ session }) => session.idHash ?? '');
  // After the session was confirmed, and before the change.
  onRevoke = () => void state.sessions.revoke(own);
  const attempt = changePassword(site, person);
  // The answer is the guard's 401 for a session that is over; the change stands.
  await attempt.catch(() => undefined);
  await site.accounts.settled();
  assert.equal(site.mails.length, 1);
  assert.ok(site.events.some(({ event }) => event === 'authn_password_change'));
  assert.equal(await site.person().signIn(EMAIL, NEW), 'signed in');
});

test('v5.0.0-2.3.3 where sessions cannot be ended, the password stays, and with it the mailed link', async () => {
  let isDown = false;
  const state = withSessions(memory(), {
    revokeAccount: () => {
      if (isDown) throw new StoreDownError('the sessions are gone', true);
    },
  });
  const site = new FakeAccounts({}, state);
  const { person } = await site.member(EMAIL);
  await person.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  const token = await site.mailedToken('reset');
  isDown = true;
  const reset = (): Promise<unknown> =>
    site.person().visit((visit) => site.accounts.reset.finish(visit, token, NEW));
  await assert.rejects(reset, StoreDownError);
  assert.equal(await site.person().signIn(EMAIL), 'signed in');
  isDown = false;
  assert.deepEqual(await reset(), { ok: true });
});

test('where a store goes just after the change, all else is done, the owner is told, and the error is not hidden', async () => {
  let calls = 0;
  const state = withSessions(memory(), {
    revokeAccount: () => {
      calls += 1;
      if (calls === 2) throw new StoreDownError('the sessions are gone', true);
    },
  });
  const site = new FakeAccounts({}, state);
  const { person, account } = await site.member(EMAIL);
  await person.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  const link = await site.mailedToken('reset');
  assert.equal(await site.person().signIn(EMAIL), 'signed in');
  await site.accounts.settled();
  site.mails.length = 0;
  await assert.rejects(changePassword(site, person), StoreDownError);
  await site.accounts.settled();
  assert.equal(site.mails.length, 1);
  assert.equal((await state.accounts?.knownBrowsers.list(account.id))?.length, 1);
  assert.equal(await site.accounts.reset.look(link), undefined);
  assert.equal((await site.accounts.activity.list(account.id))[0]?.event, 'password-changed');
});

test('v5.0.0-6.2.3 a wrong present password is in the log as a refused change, by account and reason, without what was typed', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const before = site.events.length;
  assert.deepEqual(await changePassword(site, person, WRONG), { ok: false, reason: 'current' });
  assert.deepEqual(site.events.slice(before), [
    {
      event: 'authn_password_change_fail',
      details: { account: account.id, reason: 'wrong present password' },
    },
  ]);
});

test('other roles are in the log as changed privileges, by account', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const before = site.events.length;
  assert.ok(await person.visit((visit) => site.accounts.setRoles(visit, account.id, ['operator'])));
  const told = site.events
    .slice(before)
    .filter(({ event }) => event.startsWith('privilege') || event.startsWith('authz'));
  assert.deepEqual(told, [{ event: 'privilege_permissions_changed', details: { account: account.id } }]);
});

test('v5.0.0-8.3.2 other roles hold at once: sessions that have the old ones are over', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const operator = site.person('192.0.2.9');
  assert.ok(await operator.visit((visit) => site.accounts.setRoles(visit, account.id, ['operator'])));
  assert.equal(await person.who(), undefined);
  assert.equal(await person.signIn(EMAIL), 'signed in');
  assert.deepEqual(await person.visit(({ session }) => session.principal?.roles), ['operator']);
});

test('v5.0.0-6.2.10 a password is good until it is changed, ten years later too', async () => {
  const site = new FakeAccounts();
  await site.member(EMAIL);
  site.now += 10 * 365 * 86_400_000;
  assert.equal(await site.person().signIn(EMAIL), 'signed in');
});

test('v5.0.0-15.3.1 (in part) an account as an application sees it has nothing that opens it', async () => {
  const site = new FakeAccounts();
  const { account } = await site.member(EMAIL);
  for (const seen of [
    account,
    await site.accounts.find(account.id),
    await site.accounts.findByEmail(EMAIL),
  ]) {
    assert.ok(seen !== undefined);
    assert.doesNotMatch(JSON.stringify(seen), /argon2|hash|version/i);
  }
});

test('an account without a password takes one from whoever has just signed in, and later from nobody', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  await site.state.accounts?.change(account.id, 1, { passwordHash: null });
  site.now += 16 * MINUTE;
  assert.deepEqual(await changePassword(site, person), { ok: false, reason: 'fresh' });
  const mustProve = await person.visit(async (visit) =>
    site.accounts.credentials.mustProveFirst(visit, await ownOf(site, visit)),
  );
  assert.ok(mustProve);
  await person.visit(({ session }) => session.renew({ signedIn: true }));
  assert.deepEqual(await changePassword(site, person), { ok: true });
});

test('guesses of the present password are counted apart from sign-ins, and a reset begins both anew', async () => {
  const site = new FakeAccounts({ failures: 10, attempts: '60/minute' });
  const { person } = await site.member(EMAIL);
  const tooMany = async (of: () => Promise<unknown>): Promise<void> => {
    for (let guess = 0; guess < 11; guess += 1) {
      await of();
      site.now += 2 * MINUTE;
    }
  };
  await tooMany(() => changePassword(site, person, WRONG));
  assert.deepEqual(await changePassword(site, person, PASSWORD), { ok: false, reason: 'current' });
  await tooMany(() => person.signIn(EMAIL, WRONG));
  assert.equal(await person.signIn(EMAIL), 'credentials');

  await person.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  const token = await site.mailedToken('reset');
  await site.person().visit((visit) => site.accounts.reset.finish(visit, token, NEW));
  // The browser comes back with the cookie by which its wrong ones were counted.
  assert.equal(await person.signIn(EMAIL, NEW), 'signed in');
  assert.equal(await person.signIn(EMAIL, WRONG), 'credentials');
  assert.equal(await person.signIn(EMAIL, NEW), 'signed in');
  assert.deepEqual(await changePassword(site, person, NEW, PASSWORD), { ok: true });
});

test('a reset ends the tokens of programs, a change of password by its owner leaves them', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const tokens = site.state.accounts?.apiTokens;
  const times = { createdAt: site.now, expiresAt: site.now + 1e9, usedAt: undefined };
  const token = {
    id: 't',
    hash: 'h',
    account: account.id,
    name: 'ci',
    scopes: [],
    hint: 'app_',
    usedFrom: '',
    jkt: undefined,
  };
  assert.ok(await tokens?.add({ ...token, ...times }, 5, site.now));
  assert.deepEqual(await changePassword(site, person), { ok: true });
  assert.equal((await tokens?.list(account.id))?.length, 1);
  await person.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  const link = await site.mailedToken('reset');
  await site.person().visit((visit) => site.accounts.reset.finish(visit, link, PASSWORD));
  assert.equal((await tokens?.list(account.id))?.length, 0);
});

test('new recovery codes end other sessions, and are told to the owner', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  const thief = site.person('203.0.113.7');
  assert.equal(await thief.signIn(EMAIL), 'signed in');
  await site.accounts.settled();
  site.mails.length = 0;
  await person.visit(async (visit) => site.accounts.makeRecoveryCodes(visit, await ownOf(site, visit)));
  assert.equal(await thief.who(), undefined);
  await site.accounts.settled();
  assert.match(site.mails[0]?.subject ?? '', /^New recovery codes were made/);
});

test('v5.0.0-7.4.2 a disabled account is out at once, and a session that slipped through changes nothing', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const operator = site.person('192.0.2.99');
  assert.ok(await operator.visit((visit) => site.accounts.disable(visit, account.id)));
  assert.equal(await person.who(), undefined);
  assert.equal(await person.signIn(EMAIL), 'credentials');
  await person.visit(({ session }) => session.signIn({ account: account.id }));
  assert.equal(await person.visit((visit) => site.accounts.current(visit)), undefined);
  assert.ok(await operator.visit((visit) => site.accounts.enable(visit, account.id)));
  assert.equal(await person.signIn(EMAIL), 'signed in');
  assert.equal(await operator.visit((visit) => site.accounts.disable(visit, 'nobody')), false);
});

async function ownOf(site: FakeAccounts, visit: AccountVisit): Promise<AccountRecord> {
  const own = await site.accounts.current(visit);
  assert.ok(own !== undefined);
  return own;
}

async function changePassword(
  site: FakeAccounts,
  person: Person,
  current = PASSWORD,
  next = NEW,
): Promise<ChangeVerdict> {
  return await person.visit(async (visit) => {
    const own = await ownOf(site, visit);
    return await site.accounts.credentials.changePassword(visit, own, { current, next });
  });
}

/** A state whose sessions are told of a call before it is made. */
function withSessions(state: State, before: { readonly revokeAccount: () => void }): State {
  const sessions: SessionStore = new Proxy(state.sessions, {
    get: (store, name) => {
      const value: unknown = Reflect.get(store, name);
      if (typeof value !== 'function') return value;
      const method = value as (...values: unknown[]) => unknown;
      return (...values: unknown[]) => {
        if (name === 'revokeAccount') before.revokeAccount();
        return method.apply(store, values);
      };
    },
  });
  return { ...state, sessions };
}
