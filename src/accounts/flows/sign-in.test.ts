import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD, type Person } from '../../../test/support/accounts.ts';
import { SoftAuthenticator } from '../../../test/support/authenticator.ts';
import { fromBase32 } from '../../../test/support/base32.ts';
import { oneTimeCode, timeStep } from '../../identity/mfa/totp-code.ts';
import type { SignInVerdict } from './sign-in.ts';

const EMAIL = 'ann@example.com';

test('past failure 12: the session id before sign-in is worth nothing after, and a new one at each sign-in', async () => {
  const site = new FakeAccounts();
  await site.member(EMAIL);
  const person = site.person();
  await person.visit(({ session }) => session.set('basket', 1));
  const before = person.sessionId;
  assert.equal(await person.signIn(EMAIL), 'signed in');
  const after = person.sessionId;
  assert.notEqual(after, before);
  assert.equal(await person.signIn(EMAIL), 'signed in');
  assert.notEqual(person.sessionId, after);
});

test('finds the account by any spelling of its address', async () => {
  const site = new FakeAccounts();
  const { account } = await site.member(EMAIL);
  const person = site.person();
  assert.equal(await person.signIn('  ANN@Example.COM '), 'signed in');
  assert.equal(await person.who(), account.id);
});

test('a wrong password, an unknown and a malformed address are one answer', async () => {
  const site = new FakeAccounts();
  await site.member(EMAIL);
  assert.equal(await site.person('192.0.2.2').signIn(EMAIL, 'not this one, surely'), 'credentials');
  assert.equal(await site.person('192.0.2.3').signIn('bob@example.com'), 'credentials');
  assert.equal(await site.person('192.0.2.4').signIn('no address'), 'credentials');
});

test('a name that nobody has is told apart in the log from another, and cannot be read there', async () => {
  const site = new FakeAccounts();
  await site.member(EMAIL);
  const before = site.events.length;
  for (const name of ['bob@example.com', 'bob@example.com', 'eve@example.com', EMAIL])
    await site.person('192.0.2.7').signIn(name, 'not this one, surely');
  const told = site.events.slice(before).filter(({ event }) => event === 'authn_login_fail');
  const tried = told.map(({ details }) => details?.['tried']);
  assert.equal(tried.length, 4);
  assert.equal(tried[0], tried[1]);
  assert.equal(new Set(tried.slice(1)).size, 3);
  assert.equal(tried[3], undefined);
  assert.doesNotMatch(JSON.stringify(told), /bob|eve@/);
});

test('a disabled account is not signed in, and whoever asks is told no more than of a wrong password', async () => {
  const site = new FakeAccounts();
  const { account } = await site.member(EMAIL);
  assert.equal(await site.state.accounts?.change(account.id, 1, { disabledAt: site.now }), 'changed');
  assert.equal(await site.person().signIn(EMAIL), 'credentials');
});

test('v5.0.0-6.3.3 (in part) with a second factor, the password alone signs nobody in; the code does, once', async () => {
  const { site, code } = await withApp();
  const person = site.person('192.0.2.9');
  assert.equal(await person.signIn(EMAIL), 'second factor');
  assert.equal(await person.who(), undefined);
  assert.equal(await prove(site, person, '000000'), 'factor');
  const right = code();
  assert.equal(await prove(site, person, right), 'signed in');
  const thief = site.person('192.0.2.10');
  assert.equal(await thief.signIn(EMAIL), 'second factor');
  assert.equal(await prove(site, thief, right), 'factor');
});

test('of two simultaneous uses of one recovery code exactly one signs in', async () => {
  const { site, recoveryCodes } = await withApp();
  const people = [site.person('192.0.2.9'), site.person('192.0.2.10')];
  for (const person of people) assert.equal(await person.signIn(EMAIL), 'second factor');
  const [code = ''] = recoveryCodes;
  const outcomes = await Promise.all(people.map((person) => prove(site, person, code)));
  assert.deepEqual(outcomes.toSorted(), ['factor', 'signed in']);
});

test('a second factor must come within ten minutes of the password', async () => {
  const { site, code } = await withApp();
  const person = site.person();
  assert.equal(await person.signIn(EMAIL), 'second factor');
  site.now += 10 * 60_000;
  assert.equal(await prove(site, person, code()), 'expired');
});

test('the session that has a password and lacks the factor is under a new id: one that was planted is worth nothing', async () => {
  const { site } = await withApp();
  const person = site.person();
  await person.visit(({ session }) => session.set('basket', 1));
  const before = person.sessionId;
  assert.equal(await person.signIn(EMAIL), 'second factor');
  assert.notEqual(person.sessionId, before);
});

test('a second factor that is added between the password and the session has the sign-in begin anew', async () => {
  const site = new FakeAccounts();
  const { person: owner, account } = await site.member(EMAIL);
  const seen = await site.state.accounts?.findByEmail(EMAIL);
  assert.ok(seen !== undefined);
  await owner.visit((visit) =>
    site.accounts.addFactor(visit, seen, {
      add: () => Promise.resolve({ ok: true } as const),
      what: () => 'authenticator app',
      undo: () => assert.fail('nothing was to be undone'),
    }),
  );
  const thief = site.person('192.0.2.66');
  const verdict = await thief.visit((visit) => site.accounts.signIn.complete(visit, seen, 'password'));
  assert.deepEqual(verdict, { ok: false, reason: 'expired' });
  assert.equal(await thief.who(), undefined);
  assert.equal(await owner.who(), account.id);
});

test('a passkey that is taken away while it is shown signs nobody in', async (t) => {
  const site = new FakeAccounts();
  const { person: owner, account } = await site.member(EMAIL);
  const device = new SoftAuthenticator();
  const { passkeys } = site.accounts.factors;
  await owner.visit(async (visit) => {
    const options = await passkeys.registrationOptions(visit, { account: account.id, name: EMAIL });
    assert.ok((await passkeys.register(visit, account.id, device.create(options), 'Key')).ok);
  });
  const thief = site.person('192.0.2.66');
  const signIn = async (meanwhile: () => Promise<unknown>): Promise<SignInVerdict> =>
    await thief.visit(async (visit) => {
      const response = device.get(passkeys.signInOptions());
      // By the time of the proof the account was read.
      const prove = passkeys.signIn.bind(passkeys);
      t.mock.method(passkeys, 'signIn', async (...proof: Parameters<typeof prove>) => {
        await meanwhile();
        return await prove(...proof);
      });
      try {
        return await site.accounts.signIn.withPasskey(visit, response);
      } finally {
        t.mock.restoreAll();
      }
    });
  const before = await signIn(() => Promise.resolve());
  assert.ok(before.ok && before.done);
  await thief.visit(({ session }) => session.signOut());
  const record = await site.state.accounts?.find(account.id);
  assert.ok(record !== undefined);
  const after = await signIn(() =>
    owner.visit((visit) => site.accounts.removeFactor(visit, record, 'x', () => Promise.resolve(true))),
  );
  assert.deepEqual(after, { ok: false, reason: 'expired' });
  assert.equal(await thief.who(), undefined);
});

test('v5.0.0-2.3.1 a second factor without a password before it signs nobody in', async () => {
  const { site, code } = await withApp();
  assert.equal(await prove(site, site.person(), code()), 'expired');
});

test('a change of password between the two steps has the sign-in begin anew', async () => {
  const { site, code, owner } = await withApp();
  const thief = site.person('192.0.2.66');
  assert.equal(await thief.signIn(EMAIL), 'second factor');
  await changePassword(site, owner);
  assert.equal(await prove(site, thief, code()), 'expired');
});

test('a sign-in under way does not outlive "end all sessions": the change comes between proof and session', async () => {
  const site = new FakeAccounts();
  const { person: owner } = await site.member(EMAIL);
  const thief = site.person('192.0.2.66');
  const record = await site.state.accounts?.findByEmail(EMAIL);
  assert.ok(record !== undefined);
  await changePassword(site, owner);
  const verdict = await thief.visit((visit) => site.accounts.signIn.complete(visit, record, 'password'));
  assert.deepEqual(verdict, { ok: false, reason: 'expired' });
  assert.equal(await thief.who(), undefined);
});

test('a remembered browser passes over the second factor at sign-in, and not when asked whether it is still you', async () => {
  const { site, code } = await withApp();
  const person = site.person();
  assert.equal(await person.signIn(EMAIL), 'second factor');
  assert.equal(await prove(site, person, code(), true), 'signed in');
  site.now += 60_000;
  assert.equal(await person.signIn(EMAIL), 'signed in');
  const principal = await person.visit(({ session }) => session.principal);
  // A second factor was proved, a minute ago: it is as fresh as that.
  assert.equal(principal?.mfaAt, site.now - 60_000);
  assert.equal(principal?.signedInAt, site.now - 60_000);
  const again = await person.visit((visit) =>
    site.accounts.signIn.withPassword(visit, { email: EMAIL, password: PASSWORD }, 'again'),
  );
  assert.ok(again.ok && !again.done);
});

test('v5.0.0-6.3.5 a sign-in from a new browser is told to the owner by mail, the very first and a known one are not', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  site.mails.length = 0;
  assert.equal(await person.signIn(EMAIL), 'signed in');
  await site.accounts.settled();
  assert.equal(site.mails.length, 0);
  assert.equal(await site.person('203.0.113.7').signIn(EMAIL), 'signed in');
  await site.accounts.settled();
  assert.equal(site.mails.length, 1);
  assert.match(site.mails[0]?.text ?? '', /203\.0\.113\.7, Firefox on Linux/);
  const { activity } = site.accounts;
  const own = await site.state.accounts?.findByEmail(EMAIL);
  const events = (await activity.list(own?.id ?? '')).map(({ event }) => event);
  assert.deepEqual(events, ['signed-in-new-device', 'signed-in', 'signed-in-new-device', 'account-created']);
});

test('the first sign-in after a reset, and the first to an account that an operator made, are told', async () => {
  const site = new FakeAccounts();
  await site.member(EMAIL);
  const reset = site.person('203.0.113.8');
  await reset.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  const token = await site.mailedToken('reset');
  await reset.visit((visit) => site.accounts.reset.finish(visit, token, PASSWORD));
  await site.accounts.create({ email: 'bob@example.com', passwordHash: await hashOf(site) });
  await site.accounts.settled();
  site.mails.length = 0;
  assert.equal(await site.person('203.0.113.9').signIn(EMAIL), 'signed in');
  assert.equal(await site.person('203.0.113.9').signIn('bob@example.com'), 'signed in');
  await site.accounts.settled();
  assert.deepEqual(
    site.mails.map(({ to, subject }) => `${to} ${subject}`),
    [EMAIL, 'bob@example.com'].map((to) => `${to} A new sign-in to your account (Example)`),
  );
});

test('a browser may be known to two accounts, and a planted cookie makes it known to none', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  await site.accounts.create({ email: 'bob@example.com', passwordHash: await hashOf(site) });
  assert.equal(await person.signIn('bob@example.com'), 'signed in');
  assert.equal(await person.signIn(EMAIL), 'signed in');
  const bob = await site.state.accounts?.findByEmail('bob@example.com');
  assert.equal((await site.state.accounts?.knownBrowsers.list(bob?.id ?? ''))?.length, 1);
});

interface WithApp {
  readonly site: FakeAccounts;
  readonly owner: Person;
  readonly recoveryCodes: readonly string[];
  /** The code of this moment; each call moves to the next one. */
  readonly code: () => string;
}

async function withApp(): Promise<WithApp> {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const { secret } = await site.accounts.factors.totp.enrol(account.id, EMAIL);
  const bytes = fromBase32(secret.replaceAll(' ', ''));
  const code = (): string => {
    site.now += 30_000;
    return oneTimeCode(bytes, timeStep(site.now));
  };
  const confirmed = await person.visit((visit) =>
    site.accounts.factors.totp.confirm(visit, account.id, code()),
  );
  assert.ok(confirmed.ok);
  const recoveryCodes = await person.visit((visit) =>
    site.accounts.factors.recoveryCodes.create(visit, account.id),
  );
  return { site, owner: person, recoveryCodes, code };
}

async function prove(site: FakeAccounts, person: Person, code: string, remember = false): Promise<string> {
  return outcome(await person.visit((visit) => site.accounts.signIn.withCode(visit, code, remember)));
}

function outcome(verdict: SignInVerdict): string {
  if (!verdict.ok) return verdict.reason;
  return verdict.done ? 'signed in' : 'second factor';
}

async function changePassword(site: FakeAccounts, owner: Person): Promise<void> {
  const verdict = await owner.visit(async (visit) => {
    const own = await site.accounts.current(visit);
    assert.ok(own !== undefined);
    const typed = { current: PASSWORD, next: 'some other five words instead' };
    return site.accounts.credentials.changePassword(visit, own, typed);
  });
  assert.deepEqual(verdict, { ok: true });
}

async function hashOf(site: FakeAccounts): Promise<string> {
  const record = await site.state.accounts?.findByEmail(EMAIL);
  return record?.passwordHash ?? '';
}
