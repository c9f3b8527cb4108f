/** Whoever is signed in to an account and ought not to be: what they keep when it is taken back, and what they cannot change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD, type Person } from '../../../test/support/accounts.ts';
import { fromBase32 } from '../../../test/support/base32.ts';
import { hasCode } from '../../../test/support/sessions.ts';
import { oneTimeCode, timeStep } from '../../identity/mfa/totp-code.ts';
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import { StoreDownError } from '../../core/errors.ts';
import { memory } from '../../stores/memory/state.ts';
import type { AccountVisit } from '../context.ts';

const EMAIL = 'ann@example.com';
const NEW = 'some other five words instead';
const WRONG = 'not this one, surely';
/** A second factor that is added. */
const ADDED = {
  add: () => Promise.resolve({ ok: true } as const),
  what: () => 'passkey',
  undo: () => assert.fail('not to be undone'),
};
const OVER = hasCode('ERR_BULWARK_SESSION_OVER');

test('past its end a session asks for no other address, makes no token, and changes no account of others', async () => {
  const site = new FakeAccounts({}, memory(), { scopes: ['files:read'] });
  const { account } = await site.member(EMAIL);
  const bob = await site.member('bob@example.com');
  const { accounts } = site;
  const acts = {
    address: (visit: AccountVisit, own: AccountRecord) =>
      accounts.changeEmail.ask(visit, own, 'mallory@example.net'),
    token: (visit: AccountVisit, own: AccountRecord) =>
      accounts.apiTokens?.create(visit, own, { name: 'x', scopes: ['files:read'] }),
    roles: (visit: AccountVisit) => accounts.setRoles(visit, bob.account.id, ['operator']),
  };
  for (const [what, act] of Object.entries(acts)) {
    const thief = site.person('203.0.113.7');
    await thief.signIn(EMAIL);
    const held = thief.visit(async (visit) => {
      const own = await accounts.current(visit);
      assert.ok(own !== undefined);
      await site.site.sessions.revokeAccount(account.id);
      return await act(visit, own);
    });
    await assert.rejects(held, OVER, what);
  }
  await accounts.settled();
  assert.ok(site.mails.every(({ to }) => to !== 'mallory@example.net'));
  assert.equal((await accounts.apiTokens?.list(account.id))?.length, 0);
  assert.deepEqual((await accounts.find(bob.account.id))?.roles, []);
});

test('an API token that is made while the password is reset is gone with all others', async () => {
  const state = memory();
  const site = new FakeAccounts({}, state, { scopes: ['files:read'] });
  const { person, account } = await site.member(EMAIL);
  const { accounts } = site;
  assert.ok(state.accounts !== undefined && accounts.apiTokens !== undefined);
  const { apiTokens: store } = state.accounts;
  const add = store.add.bind(store);
  store.add = async (...asked) => {
    await resetPassword(site);
    return await add(...asked);
  };
  const verdict = await person.visit(async (visit) => {
    const own = await accounts.current(visit);
    assert.ok(own !== undefined);
    return await accounts.apiTokens?.create(visit, own, { name: 'x', scopes: ['files:read'] });
  });
  assert.deepEqual(verdict, { ok: false, reason: 'no-account' });
  assert.equal((await accounts.apiTokens.list(account.id)).length, 0);
});

test('a browser that is remembered while the password is reset is not', async () => {
  const state = memory();
  const site = new FakeAccounts({}, state);
  const { account, code } = await withApp(site);
  const { factors } = site.accounts;
  const remember = factors.rememberedBrowsers.remember.bind(factors.rememberedBrowsers);
  factors.rememberedBrowsers.remember = async (...asked) => {
    await resetPassword(site);
    return await remember(...asked);
  };
  const thief = site.person('203.0.113.7');
  assert.equal(await thief.signIn(EMAIL), 'second factor');
  await thief.visit((visit) => site.accounts.signIn.withCode(visit, code(), true));
  assert.equal((await factors.rememberedBrowsers.list(account.id, undefined)).length, 0);
});

test('a second factor that is added while the password is reset is not there after it', async () => {
  const site = new FakeAccounts();
  const { person: thief, account } = await site.member(EMAIL);
  const { totp } = site.accounts.factors;
  const { secret } = await totp.enrol(account.id, EMAIL);
  const code = oneTimeCode(fromBase32(secret.replaceAll(' ', '')), timeStep(site.now));
  const held = thief.visit(async (visit) => {
    const own = await ownOf(site, visit);
    await site.accounts.addFactor(visit, own, {
      add: async () => {
        const verdict = await totp.confirm(visit, account.id, code);
        await resetPassword(site);
        return verdict;
      },
      what: () => 'authenticator app',
      undo: () => totp.remove(visit, account.id),
    });
  });
  await assert.rejects(held, OVER);
  await site.accounts.settled();
  assert.ok(site.mails.every(({ subject }) => !/second factor/.test(subject)));
  assert.equal(await site.person().signIn(EMAIL, NEW), 'signed in');
});

test('who signed in by a factor that is undone is out with it, and one that cannot be undone is told of', async () => {
  const site = new FakeAccounts();
  const { person: thief, account } = await site.member(EMAIL);
  const elsewhere = site.person('203.0.113.8');
  await elsewhere.signIn(EMAIL);
  const { totp } = site.accounts.factors;
  const undone = (undo: () => Promise<unknown>): Promise<unknown> =>
    thief.visit(async (visit) => {
      const own = await ownOf(site, visit);
      await site.state.sessions.revoke(visit.session.idHash ?? '');
      await site.accounts.addFactor(visit, own, { ...ADDED, undo });
    });
  await assert.rejects(
    undone(() => totp.remove({ audit: site.audit }, account.id)),
    OVER,
  );
  assert.equal(await elsewhere.who(), undefined);
  await thief.signIn(EMAIL);
  await site.accounts.settled();
  site.mails.length = 0;
  await assert.rejects(
    undone(() => Promise.reject(new StoreDownError('gone', false))),
    hasCode('ERR_BULWARK_STORE_DOWN'),
  );
  await site.accounts.settled();
  assert.match(site.mails[0]?.subject ?? '', /second factor was added/);
});

test('a link of before is void by the time the password is another, whatever fails then', async () => {
  const state = memory();
  const site = new FakeAccounts({}, state);
  const { person } = await site.member(EMAIL);
  const token = await resetToken(site, site.person('192.0.2.50'));
  const tokens = state.accounts?.mailTokens;
  assert.ok(tokens !== undefined);
  tokens.removeAll = () => Promise.reject(new StoreDownError('gone', false));
  const typed = { current: PASSWORD, next: NEW };
  const changing = person.visit(async (visit) =>
    site.accounts.credentials.changePassword(visit, await ownOf(site, visit), typed),
  );
  await assert.rejects(changing, hasCode('ERR_BULWARK_STORE_DOWN'));
  // The link works still, and so does the old password: nothing has changed.
  assert.notEqual(await person.visit(() => site.accounts.reset.look(token)), undefined);
  assert.equal(await site.person('192.0.2.51').signIn(EMAIL, PASSWORD), 'signed in');
});

test('where the account cannot be looked at once more, nobody is signed in', async () => {
  const state = memory();
  const site = new FakeAccounts({}, state);
  await site.member(EMAIL);
  const { accounts } = state;
  assert.ok(accounts !== undefined);
  accounts.find = () => Promise.reject(new StoreDownError('gone', false));
  const person = site.person('203.0.113.7');
  await assert.rejects(person.signIn(EMAIL), hasCode('ERR_BULWARK_STORE_DOWN'));
  assert.equal(await person.who(), undefined);
});

test('who adds and removes second factors has no more guesses of the password than anyone', async () => {
  const site = new FakeAccounts({ attempts: '5/minute' });
  const { person } = await site.member(EMAIL);
  const outcomes: string[] = [];
  for (let guess = 0; guess < 12; guess += 1) {
    if (guess % 4 === 3) await change(site, person);
    const typed = { current: WRONG, next: NEW };
    const verdict = await person.visit(async (visit) =>
      site.accounts.credentials.changePassword(visit, await ownOf(site, visit), typed),
    );
    outcomes.push(verdict.ok ? 'changed' : verdict.reason);
  }
  assert.equal(outcomes.filter((one) => one === 'current').length, 5);
  assert.equal(outcomes.filter((one) => one === 'wait').length, 7);
  // The same at the sign-in page, in a browser that the account knows.
  const signIns: string[] = [];
  for (let guess = 0; guess < 12; guess += 1) {
    if (guess % 4 === 3) await site.accounts.credentials.raiseVersion((await recordOf(site)).id);
    signIns.push(await person.signIn(EMAIL, WRONG));
  }
  assert.equal(signIns.filter((one) => one === 'credentials').length, 5);
});

test('who changes second factors all the time keeps no owner from resetting the password', async () => {
  const state = memory();
  const site = new FakeAccounts({}, state);
  const { person: thief, account } = await site.member(EMAIL);
  const owner = site.person('192.0.2.50');
  const token = await resetToken(site, owner);
  await change(site, thief);
  assert.deepEqual(await owner.visit(() => site.accounts.reset.look(token)), { email: EMAIL });
  // At the worst moment too: between the look at the account and the change of it.
  const { accounts } = state;
  assert.ok(accounts !== undefined);
  const revoke = site.site.sessions.revokeAccount.bind(site.site.sessions);
  let raises = 3;
  site.site.sessions.revokeAccount = async (...asked) => {
    if (raises > 0) {
      raises -= 1;
      await site.accounts.credentials.raiseVersion(account.id);
    }
    return await revoke(...asked);
  };
  assert.deepEqual(await finish(site, owner, token), { ok: true });
  assert.equal(raises, 0);
  assert.equal(await thief.who(), undefined);
  assert.equal(await owner.signIn(EMAIL, NEW), 'signed in');
  assert.deepEqual(await finish(site, owner, token), { ok: false, reason: 'link' });
  // And in a browser that is signed in.
  const another = await resetToken(site, owner);
  raises = 3;
  assert.deepEqual(await finish(site, owner, another), { ok: true });
  assert.deepEqual([raises, await owner.who()], [0, undefined]);
});

test('a reset that comes after another change of password puts nothing in its place', async () => {
  const site = new FakeAccounts();
  const { account } = await site.member(EMAIL);
  const owner = site.person('192.0.2.50');
  const token = await resetToken(site, owner);
  const revoke = site.site.sessions.revokeAccount.bind(site.site.sessions);
  site.site.sessions.revokeAccount = async (...asked) => {
    site.site.sessions.revokeAccount = revoke;
    const { version } = await recordOf(site);
    await site.state.accounts?.change(account.id, version, { passwordHash: 'of another link' });
    return await revoke(...asked);
  };
  assert.deepEqual(await finish(site, owner, token), { ok: false, reason: 'link' });
  assert.equal((await recordOf(site)).passwordHash, 'of another link');
});

test('who knows the password, and no more, voids no link of a reset by signing in', async () => {
  const site = new FakeAccounts();
  await site.member(EMAIL);
  const owner = site.person('192.0.2.50');
  const token = await resetToken(site, owner);
  const { id, passwordHash = '' } = await recordOf(site);
  // As a sign-in does where the hash was made at other costs.
  await site.state.accounts?.replacePasswordHash(id, passwordHash, passwordHash.replace(/.$/, 'A'));
  assert.deepEqual(await owner.visit(() => site.accounts.reset.look(token)), { email: EMAIL });
  assert.deepEqual(await finish(site, owner, token), { ok: true });
});

test('a reset, and an end to the account, leave nobody signed in: not who asked for it either', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const token = await resetToken(site, person);
  assert.deepEqual(await finish(site, person, token), { ok: true });
  assert.equal(await person.who(), undefined);
  assert.equal(await person.signIn(EMAIL, NEW), 'signed in');
  assert.equal(await person.visit((visit) => site.accounts.disable(visit, account.id)), true);
  assert.equal(await person.who(), undefined);
  assert.equal((await site.site.sessions.list(account.id, site.now)).length, 0);
});

async function withApp(site: FakeAccounts): Promise<{ account: { id: string }; code: () => string }> {
  const { person, account } = await site.member(EMAIL);
  const { secret } = await site.accounts.factors.totp.enrol(account.id, EMAIL);
  const code = (): string => {
    site.now += 30_000;
    return oneTimeCode(fromBase32(secret.replaceAll(' ', '')), timeStep(site.now));
  };
  const confirmed = await person.visit((visit) =>
    site.accounts.factors.totp.confirm(visit, account.id, code()),
  );
  assert.ok(confirmed.ok);
  return { account, code };
}

/** What goes with a second factor that was added. */
async function change(site: FakeAccounts, person: Person): Promise<void> {
  await person.visit(async (visit) => site.accounts.addFactor(visit, await ownOf(site, visit), ADDED));
}

/** By the owner, from a browser of their own. */
async function resetPassword(site: FakeAccounts): Promise<void> {
  const owner = site.person('192.0.2.50');
  assert.deepEqual(await finish(site, owner, await resetToken(site, owner)), { ok: true });
}

async function resetToken(site: FakeAccounts, person: Person): Promise<string> {
  await person.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  return await site.mailedToken('reset');
}

async function finish(site: FakeAccounts, person: Person, token: string): Promise<unknown> {
  return await person.visit((visit) => site.accounts.reset.finish(visit, token, NEW));
}

async function ownOf(site: FakeAccounts, visit: AccountVisit): Promise<AccountRecord> {
  const own = await site.accounts.current(visit);
  assert.ok(own !== undefined);
  return own;
}

async function recordOf(site: FakeAccounts): Promise<AccountRecord> {
  const record = await site.state.accounts?.findByEmail(EMAIL);
  assert.ok(record !== undefined);
  return record;
}
